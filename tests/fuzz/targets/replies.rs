//! What a kernel answers, bent at will: no panic, and an end.
//!
//! The text is records of a length and so many bytes. Each stands in for one datagram of the
//! answers, behind a header that fits where its first byte is even, else as it is.
#![no_main]

#[path = "../../replies/answerer.rs"]
#[allow(dead_code)]
mod answerer;

use std::collections::BTreeMap;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use lvsctl::model::table::Table;

fuzz_target!(|text: &[u8]| {
    let mut records = records(text);
    let table: Table = BTreeMap::new();
    let _ = answerer::read(&table, Duration::from_millis(100), |nth, datagram| {
        // The number of the family and the version come as they are: without them nothing is asked.
        if nth < 4 {
            return Some(vec![datagram]);
        }
        let record = records.next()?;
        Some(vec![stand_in(&datagram, record), datagram])
    });
});

fn records(mut text: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = text.split_first()?;
        let (record, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        text = rest;
        Some(record)
    })
}

fn stand_in(datagram: &[u8], record: &[u8]) -> Vec<u8> {
    if record.first().is_none_or(|first| first % 2 == 1) {
        return record.to_vec();
    }
    let sequence = datagram[8..12].try_into().expect("every datagram has a header");
    answerer::message(0x22, 2, u32::from_ne_bytes(sequence), &record[1..])
}
