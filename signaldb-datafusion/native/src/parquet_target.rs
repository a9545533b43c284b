//! Where a Parquet file is written: a local file, durable and visible as a whole, or an object.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::{ObjectStoreExt, WriteMultipart};
use url::Url;

use crate::error::{Failure, Outcome};
use crate::file_table::parse_file_url;
use crate::runtime::Engine;

/// Parts of an upload in flight.
const UPLOADS: usize = 4;

pub enum Target {
    Local { file: BufWriter<File>, temporary: PathBuf, path: PathBuf, created: Option<PathBuf> },
    Remote { engine: Arc<Engine>, upload: WriteMultipart, bytes: i64, name: String },
}

impl Target {
    pub fn open(engine: &Arc<Engine>, url: &str) -> Outcome<Self> {
        let (store_url, path) = parse_file_url(url)?;
        if url.starts_with("file:") {
            let path = Url::parse(url).ok().and_then(|u| u.to_file_path().ok());
            let path = path.ok_or_else(|| Failure::argument(format!("{url}: not a local path")))?;
            return Self::open_local(path);
        }
        let store = engine.env.object_store(&store_url)?;
        let upload =
            engine.block_on(store.put_multipart(&path)).map_err(|e| Failure::io(url, e))?;
        let upload = WriteMultipart::new(upload);
        Ok(Self::Remote { engine: engine.clone(), upload, bytes: 0, name: url.to_string() })
    }

    fn open_local(path: PathBuf) -> Outcome<Self> {
        let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(Failure::argument(format!(
                "file://{}: not a path of a file",
                path.display()
            )));
        };
        let created = first_missing(directory);
        fs::create_dir_all(directory).map_err(|e| failed(directory, e))?;
        let temporary = directory.join(format!(".{}.tmp", name.to_string_lossy()));
        let file = File::create(&temporary).map_err(|e| failed(&temporary, e))?;
        let file = BufWriter::with_capacity(1 << 20, file);
        Ok(Self::Local { file, temporary, path, created })
    }

    pub fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Local { file, .. } => file.write_all(bytes),
            Self::Remote { engine, upload, bytes: written, .. } => {
                engine.block_on(upload.wait_for_capacity(UPLOADS)).map_err(io::Error::other)?;
                let _threads = engine.enter();
                upload.write(bytes);
                *written += bytes.len() as i64;
                Ok(())
            }
        }
    }

    /// Makes the file durable and visible; returns its size.
    pub fn finish(self) -> Outcome<i64> {
        match self {
            Self::Local { file, temporary, path, created } => {
                let finished = finish_local(file, &temporary, &path, created.as_deref());
                if finished.is_err() {
                    discard(&temporary);
                }
                finished
            }
            Self::Remote { engine, upload, bytes, name } => {
                engine.block_on(upload.finish()).map_err(|e| Failure::io(&name, e))?;
                Ok(bytes)
            }
        }
    }

    /// After a failure, which is what the caller is told of.
    pub fn abandon(self) {
        match self {
            Self::Local { temporary, .. } => discard(&temporary),
            Self::Remote { engine, upload, .. } => {
                // an upload that cannot be aborted expires in the store
                let _ = engine.block_on(upload.abort());
            }
        }
    }
}

fn finish_local(
    file: BufWriter<File>,
    temporary: &Path,
    path: &Path,
    created: Option<&Path>,
) -> Outcome<i64> {
    let file = file.into_inner().map_err(|e| failed(temporary, e.into_error()))?;
    file.sync_all().map_err(|e| failed(temporary, e))?;
    let bytes = file.metadata().map_err(|e| failed(temporary, e))?.len();
    fs::rename(temporary, path).map_err(|e| failed(path, e))?;
    let mut directory = path.parent();
    while let Some(d) = directory {
        File::open(d).and_then(|d| d.sync_all()).map_err(|e| failed(d, e))?;
        match created {
            // the parent of the topmost directory that was created holds its name
            Some(created) if d.starts_with(created) => directory = d.parent(),
            _ => break,
        }
    }
    Ok(bytes as i64)
}

fn first_missing(directory: &Path) -> Option<PathBuf> {
    directory.ancestors().take_while(|d| !d.exists()).last().map(Path::to_path_buf)
}

fn failed(path: &Path, error: io::Error) -> Failure {
    Failure::io(&path.display().to_string(), error)
}

/// Only a leftover: the name shows what it is, and the next attempt overwrites it.
fn discard(temporary: &Path) {
    let _ = fs::remove_file(temporary);
}
