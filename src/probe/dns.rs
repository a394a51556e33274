use std::os::fd::OwnedFd;

use domain::base::iana::{Class, Rcode, Rtype};
use domain::base::name::{Name, NameBuilder};
use domain::base::{Message, MessageBuilder};
use domain::dep::octseq::Array;

use super::datagram;
use crate::health::Verdict;
use crate::model::check::{Dns, Probe};

/// A header of 12 bytes, a name of at most 255, type and class (RFC 1035, section 4.1).
type Octets = Array<272>;

/// Sends the question; nothing here waits.
pub(super) fn begin(probe: &Probe, dns: &Dns, id: u16) -> Result<OwnedFd, Verdict> {
    let unwritten = || Verdict::Unasked(format!("{dns} is too long for a message"));
    let question = question(dns, id).ok_or_else(unwritten)?;
    let socket = datagram::open(probe)?;
    datagram::ask(&socket, question.as_slice())?;
    Ok(socket)
}

/// The message that asks; recursion is desired. `None` where the name is too long, which
/// [`DnsName`](crate::model::check::DnsName) rules out.
fn question(dns: &Dns, id: u16) -> Option<Message<Octets>> {
    let mut name = NameBuilder::<Octets>::new();
    for label in dns.name.labels() {
        name.append_label(label).ok()?;
    }
    let name: Name<Octets> = name.into_name().ok()?;
    let mut message = MessageBuilder::from_target(Octets::new()).ok()?;
    message.header_mut().set_id(id);
    message.header_mut().set_rd(true);
    let mut message = message.question();
    let record = Rtype::from_int(dns.record.number());
    message.push((name, record, Class::IN)).ok()?;
    Some(message.into_message())
}

/// What a datagram is worth; `None` where it is no answer to what was asked, so that one who
/// guesses is not heard.
pub(super) fn judge(dns: &Dns, id: u16, datagram: &[u8]) -> Option<Verdict> {
    let answer = Message::from_slice(datagram).ok()?;
    let header = answer.header();
    if !header.qr() || header.id() != id {
        return None;
    }
    // A server that could not read the question need not repeat it.
    if header.rcode() != Rcode::NOERROR {
        return Some(Verdict::Failed(format!("answered {}", header.rcode())));
    }
    Some(if answer.is_answer(&question(dns, id)?) {
        Verdict::Passed
    } else {
        Verdict::Failed("answered another question".to_owned())
    })
}
