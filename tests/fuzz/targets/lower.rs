//! Lowering: each input byte chooses a word of the keyword table or a value, so that what comes out
//! is nearly a configuration.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lvsctl::conf::keyword::{Inside, KEYWORDS};

/// Values of every form, good and nearly good.
const VALUES: [&str; 64] = [
    "1", "0", "2", "80", "65535", "65536", "4294967295", "4294967296", "2147483648", "-1", "0.5", "6s", ".", "5.",
    "192.0.2.1", "192.0.2.9", "2001:db8::1", "2001:db8::9", "192.0.2.1-9", "192.0.2.0/30", "2001:db8::1-f", "group",
    "fwmark", "g", "on", "off", "rr", "sh", "mh", "wlc", "NAT", "DR", "TUN", "type", "gue", "gre", "ipip", "port",
    "csum", "remcsum", "TCP", "udp", "SCTP", "inet", "inet6", "255.255.255.0", "24", "64", "sip", "tcp", "tcpfin",
    "/bin/true", "\"/bin/true a 'b c'\"", "'", "\"", "a.example.org", "00ff", "0xff", "200", "200-299", "MASTER",
    "lo", "\u{e9}", "\\",
];

fuzz_target!(|bytes: &[u8]| {
    let mut text = String::new();
    let mut open = vec!["root"];
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            0..16 => {
                if open.len() > 1 {
                    open.pop();
                }
                text.push_str("\n}\n");
            }
            16..80 => {
                text.push(' ');
                text.push_str(VALUES[usize::from(byte - 16)]);
            }
            _ => {
                let more = bytes.next().copied().unwrap_or(0);
                let block = open.last().copied().unwrap_or("root");
                let words: Vec<_> = KEYWORDS.iter().filter(|known| known.block == block).collect();
                let at = usize::from(*byte) * 256 + usize::from(more);
                let Some(known) = words.get(at % words.len().max(1)) else { continue };
                text.push('\n');
                text.push_str(known.word);
                // A block is opened behind the values that follow, if the next byte says so.
                match known.inside {
                    Inside::Nothing => {}
                    Inside::Keywords(kind) => {
                        values(&mut text, &mut bytes, more);
                        text.push_str(" {");
                        open.push(kind);
                    }
                    Inside::Values(_) => {
                        values(&mut text, &mut bytes, more);
                        text.push_str(" {\n");
                        open.push("");
                    }
                }
            }
        }
    }
    text.push_str(&"\n}".repeat(open.len() - 1));
    let files = [("k.conf".to_owned(), text.into_bytes())];
    lvsctl_fuzz::read(files.into(), None);
});

/// Up to three values.
fn values<'a>(text: &mut String, bytes: &mut impl Iterator<Item = &'a u8>, how_many: u8) {
    for byte in bytes.take(usize::from(how_many % 4)) {
        text.push(' ');
        text.push_str(VALUES[usize::from(byte % 64)]);
    }
}
