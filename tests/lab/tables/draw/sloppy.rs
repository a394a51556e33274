use std::fs;
use std::path::Path;

/// A virtual server that keepalived repairs, drops or merely complains of, or that is unusual.
///
/// Each is a file of its own, with addresses that are never drawn, so that it fits beside others.
pub struct Sloppy {
    pub name: String,
    pub text: String,
}

pub fn all() -> Vec<Sloppy> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/tables/sloppy");
    let files = fs::read_dir(&folder).unwrap();
    let mut all: Vec<Sloppy> = files
        .map(|file| {
            let path = file.unwrap().path();
            Sloppy {
                name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
                text: fs::read_to_string(&path).unwrap(),
            }
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}
