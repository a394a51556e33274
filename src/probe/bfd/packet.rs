use std::fmt;
use std::num::{NonZeroU8, NonZeroU32};
use std::time::Duration;

/// Length of a control packet without authentication, in bytes.
pub(super) const LENGTH: usize = 24;

/// A BFD control packet.
///
/// Source: RFC 5880 section 4.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packet {
    pub(super) diagnostic: Diagnostic,
    pub(super) state: State,
    /// The sender wants an answer at once, with `final` set.
    pub(super) poll: bool,
    pub(super) final_: bool,
    /// The sender asks to be sent nothing while both ends are up.
    pub(super) demand: bool,
    pub(super) multiplier: NonZeroU8,
    /// The sender's number of the session.
    pub(super) from: NonZeroU32,
    /// The receiver's number of the session; 0 where the sender does not know it.
    pub(super) to: u32,
    /// As fast as this the sender wants to send; microseconds on the wire.
    pub(super) min_tx: Duration,
    /// As fast as this packets may come; zero: none at all.
    pub(super) min_rx: Duration,
}

/// Of the sender's end of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    AdminDown,
    Down,
    Init,
    Up,
}

/// Why the session last left the state Up.
///
/// Source: RFC 5880 section 4.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Diagnostic(u8);

impl Diagnostic {
    pub(super) const NONE: Self = Self(0);
    pub(super) const TIME_EXPIRED: Self = Self(1);
    pub(super) const NEIGHBOUR_DOWN: Self = Self(3);
    pub(super) const ADMINISTRATIVELY_DOWN: Self = Self(7);
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0 => "no diagnostic",
            1 => "control detection time expired",
            2 => "echo function failed",
            3 => "neighbour signaled session down",
            4 => "forwarding plane reset",
            5 => "path down",
            6 => "concatenated path down",
            7 => "administratively down",
            8 => "reverse concatenated path down",
            number => return write!(f, "diagnostic {number}"),
        })
    }
}

/// Why a packet counts for nothing.
///
/// Source: RFC 5880 section 6.8.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Short,
    Version,
    Length,
    Multiplier,
    Multipoint,
    /// It names no session of its sender.
    From,
    /// It names no session of ours, and is none that begins one.
    To,
    /// No key is configured, and keepalived knows none.
    Authentication,
}

// Bits of the second byte, below the state.
const POLL: u8 = 0x20;
const FINAL: u8 = 0x10;
const AUTHENTICATION: u8 = 0x04;
const DEMAND: u8 = 0x02;
const MULTIPOINT: u8 = 0x01;

impl Packet {
    /// Reads a datagram, which may be longer than the packet.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let header: &[u8; LENGTH] = bytes.first_chunk().ok_or(Refusal::Short)?;
        let [first, second, multiplier, length, ..] = *header;
        if first >> 5 != 1 {
            return Err(Refusal::Version);
        }
        let length = usize::from(length);
        if length < LENGTH || length > bytes.len() {
            return Err(Refusal::Length);
        }
        let multiplier = NonZeroU8::new(multiplier).ok_or(Refusal::Multiplier)?;
        if second & MULTIPOINT != 0 {
            return Err(Refusal::Multipoint);
        }
        let from = NonZeroU32::new(word(header, 4)).ok_or(Refusal::From)?;
        let state = match second >> 6 {
            0 => State::AdminDown,
            1 => State::Down,
            2 => State::Init,
            _ => State::Up,
        };
        let to = word(header, 8);
        if to == 0 && matches!(state, State::Init | State::Up) {
            return Err(Refusal::To);
        }
        if second & AUTHENTICATION != 0 {
            return Err(Refusal::Authentication);
        }
        Ok(Self {
            diagnostic: Diagnostic(first & 0x1f),
            state,
            poll: second & POLL != 0,
            final_: second & FINAL != 0,
            demand: second & DEMAND != 0,
            multiplier,
            from,
            to,
            min_tx: Duration::from_micros(word(header, 12).into()),
            min_rx: Duration::from_micros(word(header, 16).into()),
        })
    }

    pub(super) fn write(&self) -> [u8; LENGTH] {
        let bit = |set, bit| if set { bit } else { 0 };
        let state = match self.state {
            State::AdminDown => 0,
            State::Down => 1,
            State::Init => 2,
            State::Up => 3,
        };
        let mut bytes = [0; LENGTH];
        bytes[0] = 1 << 5 | self.diagnostic.0;
        bytes[1] =
            state << 6 | bit(self.poll, POLL) | bit(self.final_, FINAL) | bit(self.demand, DEMAND);
        bytes[2] = self.multiplier.get();
        bytes[3] = 24;
        bytes[4..8].copy_from_slice(&self.from.get().to_be_bytes());
        bytes[8..12].copy_from_slice(&self.to.to_be_bytes());
        bytes[12..16].copy_from_slice(&micros(self.min_tx).to_be_bytes());
        bytes[16..20].copy_from_slice(&micros(self.min_rx).to_be_bytes());
        // The last word stays zero: no echo packets, please.
        bytes
    }
}

fn word(header: &[u8; LENGTH], at: usize) -> u32 {
    let bytes = [header[at], header[at + 1], header[at + 2], header[at + 3]];
    u32::from_be_bytes(bytes)
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [u8; LENGTH] = [
        0x21, 0xc0, 3, 24, 0, 0, 0, 9, 0, 0, 0, 7, 0, 0, 0x27, 0x10, 0, 0, 0x4e, 0x20, 0, 0, 0, 0,
    ];

    fn good() -> Packet {
        Packet {
            diagnostic: Diagnostic::TIME_EXPIRED,
            state: State::Up,
            poll: false,
            final_: false,
            demand: false,
            multiplier: NonZeroU8::new(3).unwrap(),
            from: NonZeroU32::new(9).unwrap(),
            to: 7,
            min_tx: Duration::from_millis(10),
            min_rx: Duration::from_millis(20),
        }
    }

    #[test]
    fn a_packet_is_what_the_rfc_draws_and_comes_back() {
        assert_eq!(Packet::read(&GOOD), Ok(good()));
        assert_eq!(good().write(), GOOD);
        for (at, bits, packet) in [
            (
                1,
                0x20,
                Packet {
                    poll: true,
                    ..good()
                },
            ),
            (
                1,
                0x10,
                Packet {
                    final_: true,
                    ..good()
                },
            ),
            (
                1,
                0x02,
                Packet {
                    demand: true,
                    ..good()
                },
            ),
            (
                0,
                0x1e,
                Packet {
                    diagnostic: Diagnostic(0x1f),
                    ..good()
                },
            ),
        ] {
            let mut bytes = GOOD;
            bytes[at] |= bits;
            assert_eq!(Packet::read(&bytes), Ok(packet.clone()));
            assert_eq!(packet.write(), bytes);
        }
        // The bit says that the sender's control plane is independent: nothing to us.
        let mut independent = GOOD;
        independent[1] |= 0x08;
        assert_eq!(Packet::read(&independent), Ok(good()));
        // What stands behind the packet is none of it.
        assert_eq!(Packet::read(&[&GOOD[..], &[1; 9]].concat()), Ok(good()));
    }

    #[test]
    fn a_packet_that_the_rfc_wants_dropped_is_refused() {
        let with = |at: usize, byte: u8| {
            let mut bytes = GOOD.to_vec();
            bytes[at] = byte;
            bytes
        };
        let nobodys = |state: u8| {
            let mut bytes = with(11, 0);
            bytes[1] = state << 6;
            bytes
        };
        let cases = [
            (GOOD[..23].to_vec(), Err(Refusal::Short)),
            (Vec::new(), Err(Refusal::Short)),
            (with(0, 0x01), Err(Refusal::Version)),
            (with(0, 0x41), Err(Refusal::Version)),
            (with(3, 23), Err(Refusal::Length)),
            (with(3, 25), Err(Refusal::Length)),
            (with(2, 0), Err(Refusal::Multiplier)),
            (with(1, 0xc1), Err(Refusal::Multipoint)),
            (with(7, 0), Err(Refusal::From)),
            (nobodys(3), Err(Refusal::To)),
            (nobodys(2), Err(Refusal::To)),
            (nobodys(1), Ok(())),
            (nobodys(0), Ok(())),
            (with(1, 0xc4), Err(Refusal::Authentication)),
        ];
        for (bytes, want) in cases {
            assert_eq!(Packet::read(&bytes).map(drop), want, "{bytes:x?}");
        }
    }
}
