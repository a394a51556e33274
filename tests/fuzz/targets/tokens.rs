//! The written tree: every byte is in a token or a blank between two, in order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lvsctl::conf::written::{Kind, tokens};

fuzz_target!(|text: &[u8]| {
    let mut end = 0;
    for token in tokens(text) {
        let (from, to) = (token.start as usize, token.end as usize);
        assert!(end <= from && from < to && to <= text.len(), "{token:?}");
        let blank = |byte: &u8| b" \t\r\x0b\x0c".contains(byte);
        assert!(text[end..from].iter().all(blank), "{token:?}");
        assert_eq!(text[from..to].contains(&b'\n'), token.kind == Kind::Newline);
        end = to;
    }
    assert!(text[end..].iter().all(|byte| b" \t\r\x0b\x0c".contains(byte)));
});
