use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use tracing::{info, warn};

use super::need::{Need, needs};
use super::options::Options;
use crate::claim::sentence;
use crate::model::director::Director;
use crate::model::notify::Fifo;
use crate::sys::host;
use crate::sys::privileges::{self, CapabilitySet, Confined, Exempt, Identity, Left, Privileges};

/// What root's files can be reached with that belong to somebody else. User 0 owns the system's
/// own files: without these it could do no less harm, and could not read a file that another
/// user owns.
const FILES: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER);

/// Sysctls of the network are written here; the folders of single ones come and go with modules.
const SYSCTLS: &str = "/proc/sys/net";

/// What the daemon may do once it is started.
#[derive(Debug)]
pub(super) struct Powers {
    privileges: Privileges,
    exempt: Exempt,
    /// Of whom the daemon runs as.
    groups: Vec<u32>,
    /// What it was started with.
    before: CapabilitySet,
    left: Option<Left>,
}

impl Powers {
    /// What the checks of a director need, of what there is. In the namespace of the checks.
    pub(super) fn plan(options: &Options, director: &Director) -> Result<Self, String> {
        let identity = options.user.as_deref().map(Identity::named).transpose();
        let identity = identity.map_err(|error| error.to_string())?;
        let ours = host::user().user;
        let user = identity.as_ref().map_or(ours, |identity| identity.user);
        if ours != 0 && user != ours {
            return Err(
                "--user: only root can become another user (remedy: start as root, or as that user without --user)".to_owned(),
            );
        }
        let groups = match &identity {
            Some(identity) => {
                let more = identity.more_groups.iter().copied();
                more.chain([identity.group]).collect()
            }
            None => privileges::groups(),
        };
        let exempt = Exempt::read();
        let mut keep = CapabilitySet::NET_ADMIN;
        for need in needs(director, &exempt, &groups) {
            keep |= need.capability;
        }
        if user == 0 {
            keep |= FILES;
        }
        let sandbox = options.sandbox.then(|| {
            let fifos = &director.globals.fifos;
            let fifos = [&fifos.shared, &fifos.own].into_iter().flatten();
            let mut folders: Vec<PathBuf> = fifos.map(|fifo| folder(fifo).to_owned()).collect();
            folders.extend([options.state_dir.clone(), SYSCTLS.into()]);
            folders
        });
        Ok(Self {
            privileges: Privileges {
                identity,
                keep,
                sandbox,
            },
            exempt,
            groups,
            before: privileges::held(),
            left: None,
        })
    }

    /// What a thread is to give up that was started before.
    pub(super) fn privileges(&self) -> &Privileges {
        &self.privileges
    }

    /// For the calling thread and all that it will start.
    pub(super) fn give_up(&mut self) -> Result<(), String> {
        let left = self.privileges.give_up().map_err(sentence)?;
        let names = names(left.capabilities);
        let user = host::user().user;
        let (seccomp, landlock) = (&left.seccomp, &left.landlock);
        info!(user, capabilities = %names, %seccomp, %landlock, "other privileges are given up");
        for (what, confined) in [("seccomp", seccomp), ("Landlock", landlock)] {
            if let Confined::Failed(reason) = confined {
                warn!(what, reason, "the sandbox has a gap");
            }
        }
        self.left = Some(left);
        Ok(())
    }

    /// Whether what is left is enough for another director; the sentence, where it is not because
    /// of what was given up.
    pub(super) fn suffice(&self, director: &Director) -> Result<(), String> {
        let Some(left) = &self.left else {
            return Ok(());
        };
        let gone = self.before & !left.capabilities;
        for Need { capability, by } in needs(director, &self.exempt, &self.groups) {
            if gone.contains(capability) {
                let name = names(capability);
                return Err(format!(
                    "{by} needs {name}, which was given up at start because no check needed it (remedy: restart lvsctl)"
                ));
            }
        }
        let (Some(writable), Confined::Yes | Confined::Partly) =
            (&self.privileges.sandbox, &left.landlock)
        else {
            return Ok(());
        };
        let fifos = &director.globals.fifos;
        for fifo in [&fifos.shared, &fifos.own].into_iter().flatten() {
            let folder = folder(fifo);
            if !writable.iter().any(|writable| folder.starts_with(writable)) {
                let (path, folder) = (&fifo.path, folder.display());
                return Err(format!(
                    "the FIFO {path} is new, and nothing more may be written in {folder} since the start (remedy: restart lvsctl)"
                ));
            }
        }
        Ok(())
    }
}

fn folder(fifo: &Fifo) -> &Path {
    let path = Path::new(OsStr::from_bytes(fifo.path.as_bytes()));
    path.parent().unwrap_or(path)
}

/// As capabilities(7) calls them.
fn names(capabilities: CapabilitySet) -> String {
    let names = capabilities
        .iter_names()
        .map(|(name, _)| format!("CAP_{name}"));
    names.collect::<Vec<_>>().join(" ")
}
