use std::ops::Range;

use crate::conf::written::parameter_name;

/// A `$NAME` or `${NAME}` in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// From the `$` to the last byte that belongs to it.
    pub(super) whole: Range<usize>,
    pub(super) name: Range<usize>,
    /// What stands between name and `}`; empty without.
    pub(super) parameters: Range<usize>,
    /// It ends its line, so that it may stand for several.
    pub(super) last: bool,
}

/// The reference that begins with the `$` at `at`; `None` where the sign is just a sign.
///
/// `$NAME` must be followed by a blank, a comma, a `)` or the end of the line.
pub(super) fn at(line: &[u8], at: usize) -> Option<Reference> {
    let braced = line.get(at + 1) == Some(&b'{');
    let start = at + 1 + usize::from(braced);
    let length = parameter_name(line.get(start..)?);
    if length == 0 {
        return None;
    }
    let name = start..start + length;
    let after = &line[name.end..];
    if !braced {
        let ends = matches!(after.first(), None | Some(b' ' | b'\t' | b',' | b')'));
        return ends.then_some(Reference {
            whole: at..name.end,
            last: after.is_empty(),
            parameters: name.end..name.end,
            name,
        });
    }
    let close = after.iter().position(|byte| *byte == b'}')?;
    let parameters = name.end..name.end + close;
    let blank_first = parameters.is_empty() || after[0] == b' ';
    let blank_last = !parameters.is_empty() && after[close - 1] == b' ';
    if !blank_first || (blank_last && !line[parameters.clone()].iter().all(|b| *b == b' ')) {
        return None;
    }
    Some(Reference {
        whole: at..parameters.end + 1,
        last: parameters.end + 1 == line.len(),
        name,
        parameters,
    })
}
