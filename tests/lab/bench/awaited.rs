use std::thread::sleep;
use std::time::{Duration, Instant};

use lvsctl::ipvs::{Reply, Request};
use lvsctl::model::service::{DestKey, ServiceKey};
use lvsctl::model::table::Table;
use netlink_packet_core::NlasIterator;

use crate::bare;
use crate::stage::director::Director;
use crate::stage::process::Process;

/// Nested attributes are marked with it.
const NESTED: u16 = 0x8000;

/// The last dest of a file, which everybody writes last, and the weight it comes to.
///
/// The kernel lists the newest dest of a service first: the first datagram of a dump is enough, and
/// whoever is waited for is hardly disturbed by the question.
pub struct Awaited<'a> {
    host: &'a Director,
    request: Vec<u8>,
    dest: DestKey,
}

impl<'a> Awaited<'a> {
    pub fn last(host: &'a Director, table: &Table) -> Self {
        let (service, entry) = table.last_key_value().unwrap();
        let dest = entry.pool.in_order().last().unwrap();
        Self {
            host,
            request: request(host, service),
            dest: *dest,
        }
    }

    /// Until the kernel has it at this weight.
    pub fn weight(&self, want: u32, by: &Process) {
        let start = Instant::now();
        while self.newest() != Some((self.dest.port, want)) {
            let late = start.elapsed() > Duration::from_mins(20);
            assert!(!late, "never at weight {want}: {}", by.log());
            sleep(Duration::from_millis(2));
        }
    }

    /// Port and weight of the newest dest, if its address is that of the one that is waited for.
    fn newest(&self) -> Option<(u16, u32)> {
        // One whose dump is not heard to its end answers nothing else.
        let socket = bare::socket(self.host);
        let mut answer = vec![0; 64 << 10];
        socket.send(&self.request, 0).unwrap();
        let length = socket.recv(&mut &mut answer[..], 0).unwrap();
        // Behind the headers of netlink and of generic netlink.
        let dest = attributes(answer.get(20..length)?).find(|(kind, _)| *kind == 2)?;
        let find = |kind| {
            let mut inside = attributes(&dest.1);
            inside.find_map(|(other, value)| (other == kind).then_some(value))
        };
        let (address, port, weight) = (find(1)?, find(2)?, find(4)?);
        let octets: [u8; 4] = address.get(..4)?.try_into().ok()?;
        let port = u16::from_be_bytes(port.try_into().ok()?);
        let weight = u32::from_ne_bytes(weight.try_into().ok()?);
        (self.dest.ip == std::net::IpAddr::from(octets)).then_some((port, weight))
    }
}

fn request(host: &Director, service: &ServiceKey) -> Vec<u8> {
    let mut bytes = Vec::new();
    let family = bare::family(host);
    Request::dests(service).encode(family, 1, Reply::Dump, &mut bytes);
    bytes
}

fn attributes(bytes: &[u8]) -> impl Iterator<Item = (u16, Vec<u8>)> {
    let attributes = NlasIterator::new(bytes).map_while(Result::ok);
    attributes.map(|attribute| (attribute.kind() & !NESTED, attribute.value().to_vec()))
}
