//! Who answers as the kernel does, from a table, over a socket of this process; what it says can be
//! damaged on its way.

use std::os::fd::OwnedFd;
use std::thread;
use std::time::Duration;

use lvsctl::ipvs::{Client, Error, Ipvs, Reply, Request};
use lvsctl::model::table::Table;
use lvsctl::plan::{Change, Step};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socketpair, sockopt,
};

const CONTROLLER: u16 = 0x10;
const FAMILY: u16 = 0x22;
pub(crate) const ERROR: u16 = 2;
pub(crate) const DONE: u16 = 3;

const ACK: u16 = 0x4;
const DUMP: u16 = 0x300;
const MULTI: u16 = 0x2;

const SRCH: i32 = -3;

/// `NLMSG_HDRLEN`, and behind it the header of generic netlink.
pub(crate) const HEADER: usize = 16;
const GENERIC: usize = 4;

/// One message, padded.
pub(crate) fn message(kind: u16, flags: u16, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER + payload.len()).unwrap();
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend(sequence.to_ne_bytes());
    bytes.extend(0_u32.to_ne_bytes());
    bytes.extend(payload);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().unwrap()
}

/// What follows the netlink header of a request.
fn payload(request: Request) -> Vec<u8> {
    let mut bytes = Vec::new();
    request.encode(FAMILY, 0, Reply::Ack, &mut bytes);
    bytes.split_off(HEADER)
}

/// A service as the kernel tells it: what made it.
fn service_payloads(table: &Table) -> Vec<Vec<u8>> {
    let services = table.iter().map(|(key, service)| {
        let change = Change::AddService(service.settings.clone());
        payload(Request::step(&Step {
            service: *key,
            change,
        }))
    });
    services.collect()
}

/// Datagrams that answer one datagram of requests.
fn answer(table: &Table, mut requests: &[u8]) -> Vec<Vec<u8>> {
    let mut datagrams = Vec::new();
    while requests.len() >= HEADER {
        let length = u32::from_ne_bytes(number(requests, 0)) as usize;
        let kind = u16::from_ne_bytes(number(requests, 4));
        let flags = u16::from_ne_bytes(number(requests, 6));
        let sequence = u32::from_ne_bytes(number(requests, 8));
        let asked = &requests[HEADER..length];
        let found = if kind == CONTROLLER {
            let id = attribute(1, &FAMILY.to_ne_bytes());
            Ok(vec![[vec![1, 2, 0, 0], id].concat()])
        } else {
            look_up(table, asked)
        };
        let dumps = flags & DUMP == DUMP;
        let mark = if dumps { MULTI } else { 0 };
        let error = match found {
            Ok(payloads) => {
                let messages = payloads.iter();
                let messages = messages.map(|payload| message(kind, mark, sequence, payload));
                let together = messages.collect::<Vec<_>>().concat();
                if !together.is_empty() {
                    datagrams.push(together);
                }
                0
            }
            Err(error) => error,
        };
        let code = error.to_ne_bytes();
        if dumps {
            datagrams.push(message(DONE, MULTI, sequence, &code));
        } else if flags & ACK != 0 || error != 0 {
            let about = [&code, &requests[..HEADER]].concat();
            datagrams.push(message(ERROR, 0, sequence, &about));
        }
        requests = requests
            .get(length.next_multiple_of(4)..)
            .unwrap_or_default();
    }
    datagrams
}

fn look_up(table: &Table, asked: &[u8]) -> Result<Vec<Vec<u8>>, i32> {
    const GET_SERVICE: u8 = 4;
    const GET_DEST: u8 = 8;
    const GET_CONFIG: u8 = 13;
    const GET_INFO: u8 = 15;
    let generic = vec![asked[0], 1, 0, 0];
    let numbers = |kinds: &[u16]| {
        let attributes = kinds.iter().map(|kind| attribute(*kind, &[4, 3, 2, 1]));
        Ok(vec![
            [generic.clone()]
                .into_iter()
                .chain(attributes)
                .flatten()
                .collect(),
        ])
    };
    match asked[0] {
        GET_INFO => numbers(&[1, 2]),
        GET_CONFIG => numbers(&[4, 5, 6]),
        GET_SERVICE if asked.len() == GENERIC => Ok(service_payloads(table)),
        GET_SERVICE => {
            let mut keys = table.keys();
            let place = keys.position(|key| payload(Request::service(key)) == asked);
            place.map_or(Err(SRCH), |place| {
                Ok(vec![service_payloads(table).swap_remove(place)])
            })
        }
        GET_DEST => {
            let mut services = table.iter();
            let service = services.find(|(key, _)| payload(Request::dests(key)) == asked);
            let Some((key, service)) = service else {
                return Ok(Vec::new());
            };
            let dests = service.pool.in_order().map(|dest| {
                let change = Change::AddDest(*dest, service.pool.get(dest).copied().unwrap());
                let service = *key;
                let mut bytes = payload(Request::step(&Step { service, change }));
                // The kernel tells a dest without its service.
                let of_service = usize::from(u16::from_ne_bytes(number(&bytes, GENERIC)));
                bytes.drain(GENERIC..GENERIC + of_service.next_multiple_of(4));
                bytes
            });
            let mut newest_first: Vec<_> = dests.collect();
            newest_first.reverse();
            Ok(newest_first)
        }
        _ => Ok(Vec::new()),
    }
}

/// What a client reads of `table` where each datagram, in the order they are sent, comes as
/// `damage` leaves it: as none, one or several. `None` has the other side gone.
pub(crate) fn read(
    table: &Table,
    patience: Duration,
    damage: impl FnMut(usize, Vec<u8>) -> Option<Vec<Vec<u8>>> + Send,
) -> Result<Table, Error> {
    read_like(table, &Table::new(), patience, damage)
}

/// The same of a client that expects something.
pub(crate) fn read_like(
    table: &Table,
    likely: &Table,
    patience: Duration,
    mut damage: impl FnMut(usize, Vec<u8>) -> Option<Vec<Vec<u8>>> + Send,
) -> Result<Table, Error> {
    let (ours, theirs) = socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )
    .unwrap();
    sockopt::set_socket_timeout(&ours, sockopt::Timeout::Recv, Some(patience)).unwrap();
    thread::scope(|scope| {
        scope.spawn(move || work(table, &theirs, &mut damage));
        let mut client = Client::over(ours)?;
        client.table_like(likely)
    })
}

fn work(
    table: &Table,
    socket: &OwnedFd,
    damage: &mut dyn FnMut(usize, Vec<u8>) -> Option<Vec<Vec<u8>>>,
) {
    let mut buffer = vec![0; 1 << 20];
    let mut nth = 0;
    loop {
        let Ok((_, length @ 1..)) = recv(socket, &mut buffer[..], RecvFlags::empty()) else {
            return;
        };
        for datagram in answer(table, &buffer[..length]) {
            let Some(said) = damage(nth, datagram) else {
                return;
            };
            for datagram in said.iter().filter(|datagram| !datagram.is_empty()) {
                let _ = send(socket, datagram, SendFlags::NOSIGNAL);
            }
            nth += 1;
        }
    }
}
