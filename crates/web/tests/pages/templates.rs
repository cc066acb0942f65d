//! Every template with every sample in every language, strict about missing values; no language lacks a key.

#[test]
fn every_template_renders_in_every_language() {
    let faults = xiangyue_web::check_templates();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
