use std::io;

use netlink_packet_core::{NLM_F_REQUEST, NetlinkBuffer, NetlinkMessage, NlasIterator};
use netlink_packet_generic::GenlMessage;
use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd};
use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};
use rustix::io::Errno;

/// Of the family `nlctrl`: `GENL_ID_CTRL`, `CTRL_CMD_*` and `CTRL_ATTR_*` in `linux/genetlink.h`.
const CONTROL: u16 = 16;
const NEW_FAMILY: u8 = 1;
const DELETED_FAMILY: u8 = 2;
const FAMILY_NAME: u16 = 2;
const GROUPS: u16 = 7;
const GROUP_NAME: u16 = 1;
const GROUP_ID: u16 = 2;
/// `NLMSG_HDRLEN`, and generic netlink's own header.
const HEADER: usize = 16;
const GENERIC_HEADER: usize = 4;

/// The kernel's IPVS came or went: its module was loaded or unloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Came,
    Gone,
}

/// Hears when the kernel's IPVS comes and goes, in every network namespace.
///
/// Source: the multicast group `notify` of the generic netlink family `nlctrl`.
pub struct FamilyWatch {
    socket: Socket,
}

impl FamilyWatch {
    pub fn open() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_GENERIC)?;
        socket.bind_auto()?;
        let group = group(&mut socket)?;
        socket.add_membership(group)?;
        Ok(Self { socket })
    }

    /// Waits until it comes or goes.
    pub fn wait(&mut self) -> io::Result<Presence> {
        loop {
            match self.socket.recv_from_full() {
                Ok((message, _)) => {
                    if let Some(presence) = presence(&message) {
                        return Ok(presence);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Some were lost: it may have gone and come.
                Err(error) if error.raw_os_error() == Some(Errno::NOBUFS.raw_os_error()) => {
                    return Ok(Presence::Came);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// The number of the group.
fn group(socket: &mut Socket) -> io::Result<u32> {
    let mut message = NetlinkMessage::from(GenlMessage::from_payload(GenlCtrl {
        cmd: GenlCtrlCmd::GetFamily,
        nlas: vec![GenlCtrlAttrs::FamilyName("nlctrl".to_owned())],
    }));
    message.header.flags = NLM_F_REQUEST;
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    socket.send_to(&bytes, &SocketAddr::new(0, 0), 0)?;
    let (answer, _) = socket.recv_from_full()?;
    group_in(&answer).ok_or_else(|| io::Error::other("generic netlink has no group to tell of it"))
}

fn group_in(answer: &[u8]) -> Option<u32> {
    let (_, attributes) = control(answer)?;
    let groups = attribute(attributes, GROUPS)?;
    let mut groups = NlasIterator::new(&groups[..]).map_while(Result::ok);
    groups.find_map(|group| {
        let named = attribute(group.value(), GROUP_NAME)? == b"notify\0";
        let id = attribute(group.value(), GROUP_ID)?;
        let id = id.try_into().ok()?;
        named.then_some(u32::from_ne_bytes(id))
    })
}

fn presence(message: &[u8]) -> Option<Presence> {
    let (command, attributes) = control(message)?;
    if attribute(attributes, FAMILY_NAME)? != b"IPVS\0" {
        return None;
    }
    match command {
        NEW_FAMILY => Some(Presence::Came),
        DELETED_FAMILY => Some(Presence::Gone),
        _ => None,
    }
}

/// Command and attributes of a message of `nlctrl`.
fn control(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let message = NetlinkBuffer::new_checked(bytes).ok()?;
    let kind = message.message_type();
    let payload = bytes.get(HEADER..message.length() as usize)?;
    let attributes = payload.get(GENERIC_HEADER..)?;
    (kind == CONTROL).then_some((*payload.first()?, attributes))
}

fn attribute(attributes: &[u8], kind: u16) -> Option<Vec<u8>> {
    let mut attributes = NlasIterator::new(attributes).map_while(Result::ok);
    let found = attributes.find(|attribute| attribute.kind() == kind)?;
    Some(found.value().to_vec())
}
