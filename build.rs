//! What the program is told of its own source: the commit and its date, and the page that a package
//! carries. Without Git the file `COMMIT` has both, where `git archive` wrote it, and
//! `.cargo_vcs_info.json` the commit, where `cargo package` did.
//!
//! Only optimized builds say the commit: each one would otherwise have all tests built again.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo::rustc-check-cfg=cfg(carries_page)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=BOOTSEED_PAGE");
    if let Some(page) = env::var_os("BOOTSEED_PAGE").filter(|page| !page.is_empty()) {
        let page = std::path::absolute(&page).unwrap_or_else(|_| page.into());
        println!("cargo::rustc-cfg=carries_page");
        println!("cargo::rustc-env=BOOTSEED_PAGE_FILE={}", page.display());
        println!("cargo::rerun-if-changed={}", page.display());
    }
    let optimized = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let browser = env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    let source = (optimized && !browser).then(|| of_git().or_else(of_archive).or_else(of_package));
    let source = source.flatten();
    let source = source.map(|source| format!(" ({source})")).unwrap_or_default();
    println!("cargo::rustc-env=BOOTSEED_SOURCE={source}");
}

/// From the repository that this folder is the top of, not from one around it.
fn of_git() -> Option<String> {
    if !Path::new(".git").exists() {
        return None;
    }
    let asked = |words: &[&str]| {
        let output =
            Command::new("git").args(words).output().ok().filter(|one| one.status.success());
        Some(String::from_utf8(output?.stdout).ok()?.trim().to_owned())
    };
    println!("cargo::rerun-if-changed={}", asked(&["rev-parse", "--git-path", "logs/HEAD"])?);
    asked(&["log", "-1", "--format=%H, %cs"]).as_deref().map(short)
}

fn of_archive() -> Option<String> {
    println!("cargo::rerun-if-changed=COMMIT");
    let text = fs::read_to_string("COMMIT").ok()?;
    Some(short(text.trim())).filter(|text| !text.is_empty() && !text.contains('$'))
}

fn of_package() -> Option<String> {
    println!("cargo::rerun-if-changed=.cargo_vcs_info.json");
    let text = fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let commit = text.split("\"sha1\": \"").nth(1)?.get(..COMMIT)?;
    Some(short(commit))
}

/// Digits of a commit, and how many of them are shown.
const COMMIT: usize = 40;
const SHOWN: usize = 10;

/// What is said of the source, with fewer digits of the commit.
fn short(text: &str) -> String {
    match (text.get(..SHOWN), text.get(COMMIT..)) {
        (Some(begin), Some(rest)) => format!("{begin}{rest}"),
        _ => text.to_owned(),
    }
}
