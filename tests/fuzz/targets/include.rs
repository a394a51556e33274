//! Includes: the input is several files, divided by bytes of value 1, that include each other.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let names = ["k.conf", "a", "d/a", "d/b", "d/e/c"];
    let parts = text.split(|byte| *byte == 1).map(<[u8]>::to_vec);
    let files: BTreeMap<_, _> = names.map(str::to_owned).into_iter().zip(parts).collect();
    lvsctl_fuzz::read(files, None);
});
