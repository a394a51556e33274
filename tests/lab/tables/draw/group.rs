use std::fmt::Write as _;
use std::net::Ipv6Addr;

use lvsctl::model::service::Family;

use super::random::Random;

/// A line of a `virtual_server_group`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    Address,
    /// The last part of the address, up to another.
    Range(usize),
    /// Up to an address written in full.
    FullRange(usize),
    /// All of a prefix, which is so many bits short of an address.
    Prefix(u8),
    /// A mark, with its family said or not.
    Mark(u32, bool),
}

/// Each form, at both ends where it has some.
pub fn forms(family: Family) -> Vec<Member> {
    let marks = [1, u32::MAX].into_iter();
    let mut forms: Vec<Member> = marks.map(|mark| Member::Mark(mark, mark == 1)).collect();
    forms.push(Member::Mark(2, family == Family::Inet6));
    forms.extend([Member::Address, Member::Range(1), Member::Range(3)]);
    forms.extend([Member::FullRange(0), Member::FullRange(3)]);
    forms.extend([Member::Prefix(0), Member::Prefix(1), Member::Prefix(3)]);
    forms
}

impl Member {
    pub const fn mark(&self) -> Option<u32> {
        match self {
            Self::Mark(mark, _) => Some(*mark),
            _ => None,
        }
    }
}

/// A group block with these members and, by chance, more; every address with the same port.
pub fn block(
    name: &str,
    number: usize,
    family: Family,
    members: &[Member],
    port: Option<u16>,
    random: &mut Random,
) -> String {
    let mut members = members.to_vec();
    let marked = members.iter().all(|member| member.mark().is_some());
    for more in 0..random.below(3) {
        let mark = u32::try_from(10_000 + number * 10 + more).expect("numbers are small");
        members.push(match random.below(4) {
            _ if marked => Member::Mark(mark, true),
            0 => Member::Mark(mark, true),
            1 => Member::Range(1 + random.below(3)),
            2 => Member::Prefix(2),
            _ => Member::Address,
        });
    }
    let mut text = format!("virtual_server_group {name} {{\n");
    for (nth, member) in members.iter().enumerate() {
        // Far enough apart that no two overlap, and on the boundary of every prefix.
        let first = 16 * nth;
        let address = |last| address(family, number, last);
        let port = port.map_or(String::new(), |port| format!(" {port}"));
        let _ = match member {
            Member::Address => writeln!(text, "    {}{port}", address(first)),
            Member::Range(more) if family == Family::Inet => {
                writeln!(text, "    {}-{}{port}", address(first), first + more)
            }
            Member::Range(more) => {
                writeln!(text, "    {}-{:x}{port}", address(first), first + more)
            }
            Member::FullRange(more) => {
                writeln!(
                    text,
                    "    {}-{}{port}",
                    address(first),
                    address(first + more)
                )
            }
            Member::Prefix(short) => {
                let bits = if family == Family::Inet { 32 } else { 128 };
                writeln!(text, "    {}/{}{port}", address(first), bits - short)
            }
            Member::Mark(mark, true) => writeln!(text, "    fwmark {mark} {}", family.as_str()),
            Member::Mark(mark, false) => writeln!(text, "    fwmark {mark}"),
        };
    }
    text.push_str("}\n");
    text
}

/// An address of the group of virtual server `number`.
fn address(family: Family, number: usize, last: usize) -> String {
    match family {
        Family::Inet => format!("198.18.{number}.{last}"),
        Family::Inet6 => {
            let part = |number| u16::try_from(number).expect("numbers are small");
            Ipv6Addr::new(0x2001, 0xdb8, 1, part(number), 0, 0, 0, part(last)).to_string()
        }
    }
}
