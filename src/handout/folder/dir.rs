//! A folder by its handle: what is in it is named relative to the handle.
//!
//! In: names below the folder, as `machines/kim.yaml`. Out: files, folders and what is known of
//! them. A handle stays with its folder when that is renamed, and a short name is found faster than
//! a long path. Symbolic links at the end of a name are never followed.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags, RenameFlags, Stat};
use rustix::io::Errno;

/// An open folder.
#[derive(Debug)]
pub(super) struct Dir(File);

/// Error numbers of a file system that cannot do what was asked, though others can.
const CANNOT: &[Errno] =
    &[Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::PERM, Errno::XDEV, Errno::MLINK];

/// Is this the error of a file system that does not know the call?
pub(super) fn cannot(error: &io::Error) -> bool {
    CANNOT.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Nothing there is no error.
pub(super) fn unless_absent(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Dir {
    /// The folder at a path, which need not be readable: only names below it are used.
    pub(super) fn locate(path: &Path) -> io::Result<Dir> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Dir(rustix::fs::open(path, flags, Mode::empty())?.into()))
    }

    /// A second handle of the same folder.
    pub(super) fn again(&self) -> io::Result<Dir> {
        Ok(Dir(self.0.try_clone()?))
    }

    /// A folder below this one.
    pub(super) fn dir(&self, name: impl AsRef<Path>) -> io::Result<Dir> {
        let flags = FOLDER | OFlags::NOFOLLOW;
        Ok(Dir(rustix::fs::openat(&self.0, name.as_ref(), flags, Mode::empty())?.into()))
    }

    /// A file below this one, for reading; a pipe does not make this wait.
    pub(super) fn file(&self, name: impl AsRef<Path>) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        Ok(rustix::fs::openat(&self.0, name.as_ref(), flags, Mode::empty())?.into())
    }

    /// A new file below this one, for writing, in folders that are made as needed.
    pub(super) fn create(&self, name: &str, mode: u32) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let open = || rustix::fs::openat(&self.0, name, flags, Mode::from_raw_mode(mode));
        let made = match open() {
            Err(Errno::NOENT) => {
                self.make_parents(Path::new(name))?;
                open()
            }
            made => made,
        };
        Ok(made?.into())
    }

    /// A new folder below this one.
    pub(super) fn make(&self, name: impl AsRef<Path>, mode: u32) -> io::Result<()> {
        Ok(rustix::fs::mkdirat(&self.0, name.as_ref(), Mode::from_raw_mode(mode))?)
    }

    /// The folders that a name lies in.
    pub(super) fn make_parents(&self, name: &Path) -> io::Result<()> {
        let Some(parent) = name.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
            return Ok(());
        };
        self.make_parents(parent)?;
        self.make(parent, 0o777).or_else(|error| match error.kind() {
            ErrorKind::AlreadyExists => Ok(()),
            _ => Err(error),
        })
    }

    /// What is at a name.
    pub(super) fn stat(&self, name: impl AsRef<Path>) -> io::Result<Stat> {
        Ok(rustix::fs::statat(&self.0, name.as_ref(), AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// What this folder itself is.
    pub(super) fn own(&self) -> io::Result<Stat> {
        Ok(rustix::fs::fstat(&self.0)?)
    }

    /// Is there anything at a name?
    pub(super) fn has(&self, name: impl AsRef<Path>) -> io::Result<bool> {
        match self.stat(name) {
            Ok(_) => Ok(true),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// A second name of a file of this folder, below `other`.
    pub(super) fn link(&self, name: &str, other: &Dir) -> io::Result<()> {
        let link = || rustix::fs::linkat(&self.0, name, &other.0, name, AtFlags::empty());
        let made = match link() {
            Err(Errno::NOENT) => {
                other.make_parents(Path::new(name))?;
                link()
            }
            made => made,
        };
        Ok(made?)
    }

    /// Moves a file or folder to `other`, in place of a file that is there.
    pub(super) fn rename(
        &self,
        from: impl AsRef<Path>,
        other: &Dir,
        to: impl AsRef<Path>,
    ) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, from.as_ref(), &other.0, to.as_ref())?)
    }

    /// Moves a file or folder to `other`, where nothing may be yet.
    pub(super) fn rename_new(&self, name: &Path, other: &Dir) -> io::Result<()> {
        let flags = RenameFlags::NOREPLACE;
        match rustix::fs::renameat_with(&self.0, name, &other.0, name, flags) {
            Err(errno) if cannot(&errno.into()) && !other.has(name)? => {
                self.rename(name, other, name)
            }
            Err(errno) if cannot(&errno.into()) => Err(ErrorKind::AlreadyExists.into()),
            result => Ok(result?),
        }
    }

    /// Gives two folders each other's name, in one step.
    pub(super) fn exchange(&self, name: &str, other: &Dir, second: &OsStr) -> io::Result<()> {
        let flags = RenameFlags::EXCHANGE;
        Ok(rustix::fs::renameat_with(&self.0, name, &other.0, second, flags)?)
    }

    /// Removes a file.
    pub(super) fn remove(&self, name: impl AsRef<Path>) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name.as_ref(), AtFlags::empty())?)
    }

    /// Removes an empty folder.
    pub(super) fn remove_dir(&self, name: impl AsRef<Path>) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name.as_ref(), AtFlags::REMOVEDIR)?)
    }

    /// Removes a folder with all that is in it.
    pub(super) fn remove_all(&self, name: impl AsRef<Path>) -> io::Result<()> {
        let name = name.as_ref();
        let dir = self.dir(name)?;
        for (entry, is_dir) in dir.entries()? {
            if is_dir { dir.remove_all(entry) } else { dir.remove(entry) }?;
        }
        self.remove_dir(name)
    }

    /// The names in this folder, and which are folders.
    pub(super) fn entries(&self) -> io::Result<Vec<(OsString, bool)>> {
        let mut entries = Vec::new();
        self.visit(|name, is_dir| {
            entries.push((name.to_owned(), is_dir));
            Ok(())
        })?;
        Ok(entries)
    }

    /// The same one after the other: there may be very many.
    pub(super) fn visit(
        &self,
        mut each: impl FnMut(&OsStr, bool) -> io::Result<()>,
    ) -> io::Result<()> {
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => FileType::from_raw_mode(self.stat(name)?.st_mode),
                kind => kind,
            };
            each(name, kind == FileType::Directory)?;
        }
        Ok(())
    }

    /// Gives this folder a mode.
    pub(super) fn set_mode(&self, mode: u32) -> io::Result<()> {
        Ok(rustix::fs::fchmod(&self.0, Mode::from_raw_mode(mode & 0o7777))?)
    }

    /// Keeps other runs away from this folder until the handle is closed; `false` if one is at it.
    /// A file system without locks has no other run.
    pub(super) fn lock(&self) -> io::Result<bool> {
        match rustix::fs::flock(&self.0, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(errno) if cannot(&errno.into()) || matches!(errno, Errno::NOLCK | Errno::BADF) => {
                Ok(true)
            }
            result => Ok(result.map(|()| true)?),
        }
    }

    /// Lets other runs at this folder, also while a program that was just started has the handle.
    pub(super) fn unlock(&self) {
        let _ = rustix::fs::flock(&self.0, FlockOperation::Unlock);
    }

    /// Waits until everything that was written to this file system is on the disk.
    pub(super) fn sync_all(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(&self.0)?)
    }

    /// Has this folder an access control list beside its mode?
    pub(super) fn has_acl(&self) -> bool {
        let mut list = [0; 4096];
        let length = rustix::fs::flistxattr(&self.0, &mut list[..]).unwrap_or(0);
        list[..length].windows(ACL.len()).any(|part| part == ACL)
    }

    /// Is something mounted here, so that it cannot be renamed?
    pub(super) fn is_mounted(&self) -> bool {
        use rustix::fs::{StatxAttributes, StatxFlags};
        let flags = AtFlags::EMPTY_PATH;
        rustix::fs::statx(&self.0, "", flags, StatxFlags::empty())
            .is_ok_and(|own| own.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
    }
}

/// Beginning of the names of the attributes that hold an access control list.
const ACL: &[u8] = b"system.posix_acl";
