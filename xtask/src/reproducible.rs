//! Keeps what is published reproducible: it contains no path of the machine that built it, and a build at another path
//! gives the same bytes.

use std::env;
use std::fs;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::process;

use crate::build;
use crate::run::{Done, cargo_target, command, output, root, run};

/// The compiler's flags, in the format of `CARGO_ENCODED_RUSTFLAGS`. A panic in a dependency names its source file, by
/// default with the path on this machine.
pub fn rust_flags() -> String {
    let map = |path: PathBuf, name: &str| format!("--remap-path-prefix={}={name}", path.display());
    [map(root(), "."), map(cargo_home().join("registry/src"), "registry")].join("\x1f")
}

/// Fails if a file of the folder contains a path of this machine.
pub fn check_paths(folder: &Path) -> Done {
    let home = env::home_dir().unwrap_or_default();
    // `/home` or `/src` alone also occur in texts.
    let is_telling = |path: &PathBuf| *path == home || path.components().count() > 2;
    let paths = [root(), cargo_target(), cargo_home(), home.clone()].into_iter().filter(is_telling);
    let paths: Vec<_> = paths.map(|path| format!("{}{MAIN_SEPARATOR}", path.display())).collect();
    for file in files(folder)? {
        let bytes = fs::read(folder.join(&file))?;
        if let Some(path) = paths.iter().find(|path| contains(&bytes, path.as_bytes())) {
            return Err(format!("{file} contains `{path}`, a path of this machine").into());
        }
    }
    Ok(())
}

/// Builds everything of `target/dist` again, from a copy of the repository at another path, and compares the bytes.
pub fn check() -> Done {
    let copy = env::temp_dir().join(format!("flowdock-integration-built-again-{}", process::id()));
    let listed = output("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .ok_or("git cannot list the files of the repository")?;
    for file in listed.split_terminator('\0').filter(|file| root().join(file).is_file()) {
        let target = copy.join(file);
        fs::create_dir_all(target.parent().unwrap_or(&copy))?;
        fs::copy(root().join(file), target)?;
    }
    run(
        &format!("building everything again in {}", copy.display()),
        command("cargo", &["xtask", "dist"]).current_dir(&copy).env_remove("CARGO_TARGET_DIR"),
    )?;
    // The package's files come first: their names say more than that of the tarball.
    for made in [build::package(), build::dist_folder()] {
        let again = copy.join("target").join(made.file_name().unwrap_or_default());
        let names = files(&made)?;
        if names != files(&again)? {
            return Err(format!("{} and {} have different files", made.display(), again.display()).into());
        }
        for name in names {
            if fs::read(made.join(&name))? != fs::read(again.join(&name))? {
                return Err(format!("{name} differs: compare {} with {}", made.display(), again.display()).into());
            }
        }
    }
    Ok(fs::remove_dir_all(copy)?)
}

/// The folder in which cargo stores the sources of dependencies.
fn cargo_home() -> PathBuf {
    env::var_os("CARGO_HOME").map_or_else(|| env::home_dir().unwrap_or_default().join(".cargo"), PathBuf::from)
}

/// The paths of the files in a folder, relative to it and sorted.
fn files(folder: &Path) -> Done<Vec<String>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            paths.extend(files(&entry.path())?.into_iter().map(|path| format!("{name}/{path}")));
        } else {
            paths.push(name);
        }
    }
    paths.sort();
    Ok(paths)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_a_path_of_this_machine_is_named() {
        let folder = env::temp_dir().join(format!("flowdock-integration-paths-{}", process::id()));
        fs::create_dir_all(folder.join("wasm")).expect("a folder");
        for (path, is_refused) in [
            (root().join("src/lib.rs"), true),
            (cargo_home().join("registry/src/serde/lib.rs"), true),
            (PathBuf::from("src/lib.rs"), false),
            (PathBuf::from("/rustc/1/library/core/src/option.rs"), false),
        ] {
            fs::write(folder.join("wasm/core.wasm"), format!("\0asm{}\0", path.display())).expect("a file");
            let error = check_paths(&folder).err().map(|error| error.to_string()).unwrap_or_default();
            assert_eq!(error.starts_with("wasm/core.wasm contains `"), is_refused, "{}: {error}", path.display());
        }
        fs::remove_dir_all(folder).expect("to remove the folder");
    }
}
