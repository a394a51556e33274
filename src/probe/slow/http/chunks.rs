use super::response::NoHttp;

/// A body in chunks, as it comes in.
///
/// Source: RFC 9112, section 7.1.
#[derive(Debug)]
pub(super) enum Chunks {
    /// The line that says how long the next one is, as far as it has come.
    Size(Vec<u8>),
    /// So many bytes of a chunk are still to come.
    Data(u64),
    Ended,
}

/// Bytes of a line with a size and its extensions.
const MOST_LINE: usize = 1024;

impl Chunks {
    pub(super) fn new() -> Self {
        Self::Size(Vec::new())
    }

    pub(super) fn ended(&self) -> bool {
        matches!(self, Self::Ended)
    }

    /// Hands the body that is in these bytes to `body`. What follows the last chunk is of no
    /// interest.
    pub(super) fn read(
        &mut self,
        mut bytes: &[u8],
        body: &mut impl FnMut(&[u8]),
    ) -> Result<(), NoHttp> {
        while let Some((first, rest)) = bytes.split_first() {
            match self {
                Self::Ended => return Ok(()),
                Self::Data(left) => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX);
                    let (data, rest) = bytes.split_at(bytes.len().min(here));
                    body(data);
                    *left -= data.len() as u64;
                    bytes = rest;
                    if *left == 0 {
                        *self = Self::new();
                    }
                }
                Self::Size(line) => {
                    bytes = rest;
                    line.push(*first);
                    if line.len() > MOST_LINE {
                        return Err(NoHttp);
                    }
                    if *first == b'\n' {
                        *self = after(line)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// What follows a whole line: a chunk, or where it is the end of the one before, another line.
fn after(line: &[u8]) -> Result<Chunks, NoHttp> {
    if line.trim_ascii().is_empty() {
        return Ok(Chunks::new());
    }
    match httparse::parse_chunk_size(line) {
        Ok(httparse::Status::Complete((_, 0))) => Ok(Chunks::Ended),
        Ok(httparse::Status::Complete((_, size))) => Ok(Chunks::Data(size)),
        _ => Err(NoHttp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(wire: &[u8], step: usize) -> Result<(Vec<u8>, bool), NoHttp> {
        let (mut chunks, mut body) = (Chunks::new(), Vec::new());
        for bytes in wire.chunks(step) {
            chunks.read(bytes, &mut |data| body.extend_from_slice(data))?;
        }
        Ok((body, chunks.ended()))
    }

    #[test]
    fn chunks_are_joined_however_they_come() {
        let wire = b"4\r\nWiki\r\nA;name=\"x\"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
        for step in 1..wire.len() {
            let whole = (b"Wiki0123456789".to_vec(), true);
            assert_eq!(body(wire, step), Ok(whole), "{step}");
        }
        assert_eq!(body(b"4\r\nWi", 3), Ok((b"Wi".to_vec(), false)));
        for wrong in [
            &b"four\r\n"[..],
            b"-1\r\n",
            &[b'1'; 2000],
            b"11111111111111111\r\n",
        ] {
            assert_eq!(body(wrong, 7), Err(NoHttp));
        }
    }
}
