use xiangyue_pack::{PackFiles, load};
#[test]
fn shipped() {
    for p in ["../../packs/base", "../../packs/yanchi"] {
        match PackFiles::at(std::path::Path::new(p)).and_then(load) {
            Ok(l) => println!("{p}: {} kinds {} indicators", l.policy.kinds.len(), l.policy.indicators.len()),
            Err(f) => { for x in &f { println!("{p} {x}"); } }
        }
    }
}
