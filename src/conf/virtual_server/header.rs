use std::net::IpAddr;
use std::num::NonZeroU32;

use crate::conf::lowering::Lowering;
use crate::conf::tree::Node;
use crate::diag::Span;
use crate::model::service::Family;

/// What stands behind `virtual_server`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// `IP [PORT]`; port 0 is every port.
    Address(IpAddr, u16),
    /// `fwmark N`.
    Mark(NonZeroU32),
    /// `group NAME`, whose block may stand anywhere in the file.
    Group(Box<str>, Span),
}

impl Header {
    /// `None` where the virtual server would be lost, which is a finding.
    pub(super) fn read(to: &mut Lowering<'_>, node: Node<'_>) -> Option<Self> {
        let (first, second) = (node.argument(0)?, node.argument(1));
        match first.text() {
            "fwmark" => {
                let Some(word) = second else {
                    to.missing(&first, "fwmark needs a number");
                    return None;
                };
                let mark = word.text().parse::<u32>().ok().and_then(NonZeroU32::new);
                if mark.is_none() {
                    to.lost_value(&word, "a mark, 1 to 4294967295, in digits");
                }
                mark.map(Self::Mark)
            }
            "group" => {
                let Some(name) = second else {
                    to.missing(&first, "group needs a name");
                    return None;
                };
                Some(Self::Group(name.shown().into(), name.span))
            }
            _ => {
                let (ip, port) = (to.address(&first), to.port(second.as_ref()));
                Some(Self::Address(ip?, port?))
            }
        }
    }

    /// The family that the header alone decides.
    pub(super) fn family(&self) -> Option<Family> {
        match self {
            Self::Address(ip, _) => Some(Family::of(*ip)),
            Self::Mark(_) | Self::Group(..) => None,
        }
    }
}
