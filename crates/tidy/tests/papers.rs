//! The papers of the house: README, docs and Makefile say what is there, and nothing that is not.

use xiangyue_tidy::{file, files, root};

fn none(offences: Vec<String>, instead: &str) {
    assert!(offences.is_empty(), "\n{} found. {instead}\n  {}\n", offences.len(), offences.join("\n  "));
}

#[test]
fn both_readmes_name_the_two_commands() {
    let mut offences = Vec::new();
    for path in ["README.md", "README.zh-CN.md"] {
        let text = file(path).text;
        let missing = ["make run", "make test"].into_iter().filter(|c| !text.contains(c));
        offences.extend(missing.map(|c| format!("{path}: {c}")));
    }
    none(offences, "Say how to run it and how to test it.");
}

#[test]
fn every_crate_stands_on_the_map() {
    let map = file("docs/ARCHITECTURE.md").text;
    let crates = files("crates", "Cargo.toml").into_iter().filter_map(|f| f.path.split('/').nth(1).map(str::to_owned));
    let offences = crates.filter(|name| !map.contains(&format!("`crates/{name}`"))).collect();
    none(offences, "Add the crate to the map in docs/ARCHITECTURE.md.");
}

#[test]
fn papers_speak_only_of_files_that_are_there() {
    let mut papers = files("docs", ".md");
    papers.extend(["README.md", "README.zh-CN.md", "CHANGELOG.md"].map(file));
    let mut offences = Vec::new();
    for paper in &papers {
        let folder = root().join(&paper.path).parent().map(std::path::Path::to_path_buf).unwrap_or_default();
        for (n, line) in paper.lines() {
            for link in line.split("](").skip(1).filter_map(|l| l.split([')', '#']).next()) {
                // Pictures are made from the running demo.
                let ours = !link.is_empty() && !link.contains("://") && !link.ends_with(".png");
                if ours && !folder.join(link).exists() {
                    offences.push(format!("{}:{n}: {link}", paper.path));
                }
            }
            for name in line.split('`').skip(1).step_by(2) {
                let ours = ["crates/", "packs/", "docs/", "e2e/", "scripts/"].iter().any(|p| name.starts_with(p));
                let open = name.contains(['*', '<', ' ', '{', '…', 'N']) || name.ends_with(".png");
                if ours && !open && !root().join(name.split([':', '#']).next().unwrap_or(name)).exists() {
                    offences.push(format!("{}:{n}: `{name}`", paper.path));
                }
            }
        }
    }
    none(offences, "Put the paper right: the file was moved or never made.");
}

#[test]
fn decisions_are_numbered_without_gaps() {
    let mut numbers: Vec<usize> = files("docs/adr", ".md")
        .iter()
        .filter_map(|f| f.path.rsplit('/').next()?.split('-').next()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
    assert!(!numbers.is_empty());
}
