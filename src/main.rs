//! The `kf` binary.

fn main() -> std::process::ExitCode {
    kf::cli::main()
}
