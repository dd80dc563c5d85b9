//! What the other commands need on a machine that has only rustup's cargo and Node: installed where that can be done,
//! else named.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{Done, command, output, root, run};

/// The oldest Node that the tools of this repository run on.
const NODE_MAJOR: u32 = 20;
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Rust's standard library for WebAssembly.
pub fn wasm_target() -> Done {
    let libraries = output("rustc", &["--print", "target-libdir", "--target", WASM_TARGET]).unwrap_or_default();
    if Path::new(libraries.trim()).is_dir() {
        return Ok(());
    }
    run("installing Rust's WebAssembly target", &mut command("rustup", &["target", "add", WASM_TARGET]))
        .map_err(|error| format!("{error}; without rustup, install the Rust standard library for {WASM_TARGET}").into())
}

/// Node itself, and the npm packages of package-lock.json.
pub fn npm_packages() -> Done {
    let version = output("node", &["--version"]).unwrap_or_default();
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE_MAJOR) {
        return Err(format!(
            "Node {NODE_MAJOR} or newer is needed, found `{}`: see https://nodejs.org",
            version.trim()
        )
        .into());
    }
    if root().join("node_modules").is_symlink() {
        return Err("`node_modules` is a link, through which npm would empty another folder: remove it".into());
    }
    // npm keeps this copy of the lock file; it is older than the lock file when something changed.
    let modified = |path: &str| fs::metadata(root().join(path)).and_then(|file| file.modified()).ok();
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified("package-lock.json") {
        return Ok(());
    }
    run("installing npm packages (npm ci)", &mut command("npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
}

/// A Python that has the client of PyPI in `tests/foreign/python`. Only the long tests ask for it: Python is not among what
/// this repository needs.
pub fn python_client() -> Done<PathBuf> {
    let python =
        ["python3", "python"].into_iter().find(|name| output(name, &["-c", "import venv, ensurepip"]).is_some());
    let python =
        python.ok_or("the long tests need Python 3 with its modules venv and pip: see https://www.python.org")?;
    let folder = root().join("target/python");
    let name = folder.display().to_string();
    run("making an environment for Python", &mut command(python, &["-m", "venv", "--clear", &name]))?;
    let python = folder.join(if cfg!(windows) { r"Scripts\python.exe" } else { "bin/python" });
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
    let what = ["--require-hashes", "--requirement", "tests/foreign/python/requirements.txt"];
    run(
        "installing flowdock-api-wrapper (pip)",
        &mut command(&python.display().to_string(), &[install.as_slice(), &what].concat()),
    )?;
    Ok(python)
}

/// Deno and Bun, from npm. Only the long tests ask for them.
pub fn other_runtimes() -> Done<[PathBuf; 2]> {
    let folder = root().join("target/runtimes");
    let name = folder.display().to_string();
    // By exact versions: a lock file would have to know their programs for every platform.
    let what = ["install", "--prefix", &name, "--no-audit", "--no-fund", "--loglevel=error", "deno@2.9.6", "bun@1.4.5"];
    fs::create_dir_all(&folder)?;
    run("installing Deno and Bun (npm)", &mut command("npm", &what))?;
    Ok(["deno", "bun"].map(|name| folder.join("node_modules/.bin").join(name)))
}

/// A Chromium or Chrome: the one that `CHROME` names, one of the PATH, or one that the platform's packages bring.
pub fn chromium() -> Done<PathBuf> {
    if let Some(path) = env::var_os("CHROME").map(PathBuf::from) {
        return if path.is_file() {
            Ok(path)
        } else {
            Err(format!("CHROME names `{}`, which is no file", path.display()).into())
        };
    }
    if let Some(path) = find_chromium() {
        return Ok(path);
    }
    let is_root = output("id", &["-u"]).is_some_and(|id| id.trim() == "0");
    let sudo = if is_root { Some(&[][..]) } else { output("sudo", &["-n", "true"]).map(|_| &["sudo", "-n"][..]) };
    let installers: [(&str, &[&[&str]]); 4] = [
        ("apt-get", &[&["apt-get", "update"], &["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]]),
        ("dnf", &[&["dnf", "install", "--assumeyes", "chromium"]]),
        ("apk", &[&["apk", "add", "chromium"]]),
        ("pacman", &[&["pacman", "--sync", "--noconfirm", "chromium"]]),
    ];
    let installer = installers.into_iter().find(|(program, _)| find_program(program).is_some());
    if let (Some((name, steps)), Some(sudo)) = (installer, sudo) {
        for step in steps {
            let words = [sudo, *step].concat();
            if let [program, arguments @ ..] = words.as_slice() {
                run(&format!("installing Chromium ({name})"), &mut command(program, arguments))?;
            }
        }
    }
    find_chromium()
        .ok_or_else(|| "no Chromium found: install Chromium or Chrome, or set CHROME to the path of its program".into())
}

fn find_chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    let places = [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    ];
    names
        .into_iter()
        .find_map(find_program)
        .or_else(|| places.into_iter().map(PathBuf::from).find(|path| path.is_file()))
}

/// A program of the PATH.
fn find_program(name: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    env::split_paths(&paths)
        .map(|folder| folder.join(name).with_extension(env::consts::EXE_EXTENSION))
        .find(|path| path.is_file())
}
