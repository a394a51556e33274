//! The text layer: comments, parameters, sequences, conditional lines, braces, raw bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let files = [("k.conf".to_owned(), text.to_vec())];
    lvsctl_fuzz::read(files.into(), Some("low"));
});
