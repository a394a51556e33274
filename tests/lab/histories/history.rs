use std::fs;
use std::path::{Path, PathBuf};

use crate::sequence::Channel;
use crate::step::Step;

/// One story of servers, told to both programs at once.
///
/// Its text says what it shows, and then has a section for each configuration (`== file NAME`, the
/// first to begin with), for the steps (`== steps`), and for what keepalived does (`== tables`,
/// `== fifo`, `== scripts`): one table or line each, in order.
#[derive(Clone, Debug)]
pub struct History {
    pub name: String,
    pub path: PathBuf,
    files: Vec<(String, String)>,
    pub steps: Vec<Step>,
    stated: Vec<(Channel, Vec<String>)>,
}

const FOLDER: &str = "tests/lab/histories/cases";

impl History {
    /// All there are, by name.
    pub fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
        let entries = fs::read_dir(&folder).unwrap();
        let mut all: Vec<Self> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "history"))
            .map(|path| Self::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display())))
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let mut history = Self {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            path: path.to_owned(),
            files: Vec::new(),
            steps: Vec::new(),
            stated: Vec::new(),
        };
        let mut sections = text.split("\n== ");
        let shows = sections.next().unwrap_or_default();
        if shows.trim().is_empty() || shows.starts_with("== ") {
            return Err("does not say what it shows".to_owned());
        }
        for section in sections {
            let (head, body) = section.split_once('\n').unwrap_or((section, ""));
            history.section(head.trim(), body)?;
        }
        if history.files.is_empty() || history.steps.is_empty() {
            return Err("has no file or no steps".to_owned());
        }
        for step in &history.steps {
            if let Step::Reload(Some(name)) = step
                && !history.files.iter().any(|(known, _)| known == name)
            {
                return Err(format!("has no file {name} to reload"));
            }
        }
        Ok(history)
    }

    fn section(&mut self, head: &str, body: &str) -> Result<(), String> {
        let lines = body.lines().filter(|line| !line.trim().is_empty());
        if head == "steps" {
            self.steps = lines.map(Step::read).collect::<Result<_, _>>()?;
        } else if let Some(name) = head.strip_prefix("file ") {
            self.files.push((name.to_owned(), body.to_owned()));
        } else if let Some(channel) = Channel::named(head) {
            self.stated
                .push((channel, lines.map(str::to_owned).collect()));
        } else {
            return Err(format!("has a section {head:?}"));
        }
        Ok(())
    }

    /// The configuration with which both begin.
    pub fn first_file(&self) -> &str {
        &self.files[0].1
    }

    /// The configuration of that name.
    pub fn file(&self, name: &str) -> &str {
        let mut files = self.files.iter();
        let found = files.find(|(known, _)| known == name);
        &found.expect("a history names only files it has").1
    }

    /// True where a sorry server stands by all the time.
    pub fn has_sorry_server(&self) -> bool {
        let mut files = self.files.iter();
        files.all(|(_, text)| text.contains("sorry_server "))
    }

    /// What keepalived is stated to do there; nothing where nothing is stated.
    pub fn stated(&self, channel: Channel) -> &[String] {
        let mut stated = self.stated.iter();
        let found = stated.find(|(known, _)| *known == channel);
        found.map_or(&[], |(_, lines)| lines)
    }

    /// The longest time between two checks of one server, in seconds.
    pub fn period(&self) -> f64 {
        let words = self.files.iter().flat_map(|(_, text)| {
            let mut words = text.split_whitespace();
            std::iter::from_fn(move || {
                words.find(|word| *word == "delay_loop")?;
                words.next()?.parse::<f64>().ok()
            })
        });
        words.fold(1.0, f64::max)
    }
}
