//! Messages on a stream: four bytes of length, most significant first, then as much JSON.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Longest message, in bytes. A command as long as the kernel takes it, 128 KiB, fits: a byte
/// is at most four characters.
const LONGEST: u32 = 1 << 20;

/// The bytes of a message; an error where they would be too many.
pub(super) fn encode(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    if length > LONGEST {
        let text = format!("a message of {} bytes, and {LONGEST} is most", body.len());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend(body);
    Ok(bytes)
}

/// The next message; `None` where the other end has closed.
pub(super) async fn read<T: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    if from.read(&mut length[..1]).await? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut length[1..]).await?;
    let length = u32::from_be_bytes(length);
    if length > LONGEST {
        let text = format!("a message of {length} bytes is announced, and {LONGEST} is most");
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    let mut body = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    from.read_exact(&mut body).await?;
    Ok(Some(serde_json::from_slice(&body)?))
}

pub(super) async fn write(
    to: &mut (impl AsyncWrite + Unpin),
    message: &impl Serialize,
) -> io::Result<()> {
    to.write_all(&encode(message)?).await
}

#[cfg(test)]
mod tests {
    use super::super::message::{Order, Outcome, Report};
    use super::*;

    async fn read_from(mut bytes: &[u8]) -> io::Result<Option<Order>> {
        read(&mut bytes).await
    }

    #[tokio::test]
    async fn a_message_comes_back_as_it_was() {
        let report = Report::Ended {
            id: 7,
            outcome: Outcome::Exited(2),
            said: vec![0, 0xff, b'\n'],
        };
        let order = encode(&Order::End(u64::MAX)).unwrap();
        assert_eq!(read_from(&order).await.unwrap(), Some(Order::End(u64::MAX)));
        let bytes = encode(&report).unwrap();
        assert_eq!(
            read::<Report>(&mut bytes.as_slice()).await.unwrap(),
            Some(report)
        );
    }

    #[tokio::test]
    async fn what_is_no_message_is_an_error_and_takes_no_memory() {
        assert_eq!(read_from(b"").await.unwrap(), None);
        let damaged: [&[u8]; 5] = [
            b"\0\0",
            b"\0\0\0\x09{\"End\"",
            b"\0\0\0\x02{}",
            b"\0\0\0\x04\xff\xff\xff\xff",
            b"\xff\xff\xff\xff{\"End\":1}",
        ];
        for bytes in damaged {
            assert!(read_from(bytes).await.is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_message_that_is_too_long_is_not_sent() {
        assert!(encode(&vec![0_u8; 600_000]).is_err());
        assert!(encode(&vec![255_u8; 128 * 1024]).is_ok());
    }
}
