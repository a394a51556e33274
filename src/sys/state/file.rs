use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// Writes a text, piece by piece: it may be twenty megabytes.
pub(super) type Write<'a> = dyn Fn(&mut dyn io::Write) -> io::Result<()> + 'a;

/// Gives a file another text: a reader sees the old one or the new one, and where it fails the old
/// one stays and nothing is left beside it.
pub(super) fn replace(path: &Path, write: &Write<'_>) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    let replaced = write_anew(beside, write).and_then(|()| fs::rename(beside, path));
    if replaced.is_err() {
        // Half a text takes room that the next one needs.
        let _ = fs::remove_file(beside);
    }
    replaced
}

/// Never into what is there already: that may be a link to somewhere else.
fn write_anew(path: &Path, write: &Write<'_>) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o644)
        .open(path)?;
    let mut buffer = BufWriter::new(file);
    write(&mut buffer)?;
    buffer.into_inner()?.sync_data()
}

/// The text of a regular file. Anything else under its name is an error, and is not waited for.
pub(super) fn read(path: &Path) -> io::Result<String> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let mut file: File = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_stands_in_the_way_is_replaced_and_not_followed() {
        let folder = std::env::temp_dir().join(format!("lvsctl-state-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (path, elsewhere) = (folder.join("a.json"), folder.join("elsewhere"));
        fs::write(&elsewhere, "theirs").unwrap();
        symlink(&elsewhere, folder.join("a.json.new")).unwrap();
        symlink(&elsewhere, &path).unwrap();
        replace(&path, &|to| to.write_all(b"ours")).unwrap();
        assert_eq!(read(&path).unwrap(), "ours");
        assert_eq!(read(&elsewhere).unwrap(), "theirs");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_pipe_under_the_name_is_an_error_and_no_wait() {
        let folder = std::env::temp_dir().join(format!("lvsctl-pipe-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.json");
        let mode = rustix::fs::Mode::from(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert_eq!(
            read(&path).unwrap_err().to_string(),
            "it is no regular file"
        );
        fs::remove_dir_all(folder).unwrap();
    }
}
