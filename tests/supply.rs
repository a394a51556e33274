//! What lvsctl is built from and how: what `deny.toml` cannot say.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;

const MANIFEST: &str = include_str!("../Cargo.toml");
const LOCK: &str = include_str!("../Cargo.lock");
const TOOLCHAIN: &str = include_str!("../rust-toolchain.toml");

/// The value of a key in a table of a TOML file, without quotes.
fn value<'a>(text: &'a str, table: &str, key: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("[{table}]\n"))?;
    let lines = rest.lines().take_while(|line| !line.starts_with('['));
    let mut pairs = lines.filter_map(|line| line.split_once(" = "));
    let (_, value) = pairs.find(|(name, _)| *name == key)?;
    Some(value.trim_matches('"'))
}

#[test]
fn the_oldest_compiler_that_is_promised_is_the_one_that_every_test_runs_with() {
    let promised = value(MANIFEST, "package", "rust-version").unwrap();
    let pinned = value(TOOLCHAIN, "toolchain", "channel").unwrap();
    assert_eq!(pinned, format!("{promised}.0"));
}

#[test]
fn a_release_ends_where_something_went_wrong_inside() {
    let release = |key| value(MANIFEST, "profile.release", key);
    assert_eq!(release("panic"), Some("abort"));
    assert_eq!(release("overflow-checks"), Some("true"));
    assert_eq!(release("lto"), Some("thin"));
    assert_eq!(release("codegen-units"), Some("1"));
}

#[test]
fn every_crate_is_locked_by_its_checksum_and_comes_from_the_registry() {
    let packages = LOCK.split("[[package]]\n").skip(1);
    let mut seen = BTreeSet::new();
    for package in packages {
        let of = |key: &str| {
            let mut lines = package.lines().filter_map(|line| line.split_once(" = "));
            let found = lines.find(|(name, _)| *name == key);
            found.map(|(_, value)| value.trim_matches('"'))
        };
        let name = of("name").unwrap();
        seen.insert(name);
        if name == env!("CARGO_PKG_NAME") {
            assert_eq!(of("version"), Some(env!("CARGO_PKG_VERSION")));
            continue;
        }
        let source = of("source");
        let registry = "registry+https://github.com/rust-lang/crates.io-index";
        assert_eq!(source, Some(registry), "{name}");
        assert!(of("checksum").is_some_and(|sum| sum.len() == 64), "{name}");
    }
    assert!(seen.len() > 50, "{seen:?}");
    // With what it brings it would be a fifth of all crates, and no text of ours goes through it.
    assert!(
        !seen.contains("icu_provider"),
        "idna_adapter is no longer the empty one"
    );
}
