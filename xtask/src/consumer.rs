//! A project like a user's: the packed tarball is installed, and the tests, examples and documents that use it are
//! beside it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::build::copy_folder;
use crate::run::{Done, command, root, run};

/// Creates the project in a folder of `target/` and installs the tarball. Node finds all other packages in the
/// repository's own `node_modules`.
pub fn install(folder: &Path, tarball: &Path) -> Done {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    fs::write(folder.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")?;
    let arguments = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
    let install: &mut Command = &mut command("npm", &arguments);
    run("installing the tarball as a user does", install.arg(tarball).current_dir(folder))
}

/// Copies everything that uses the package into the project, with the same relative paths as in the repository: the
/// tests, the examples, and the documents, whose JavaScript runs.
pub fn add_its_users(folder: &Path) -> Done {
    for users in ["docs", "examples", "tests"] {
        copy_folder(&root().join(users), &folder.join(users))?;
    }
    fs::copy(root().join("README.md"), folder.join("README.md"))?;
    Ok(())
}
