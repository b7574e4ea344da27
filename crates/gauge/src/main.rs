//! Gauge: single operations of the engine, without JavaScript, always on the same keys in the same order.
//!
//! ```text
//! shmkit-gauge count <operation> <times>   runs it that many times, for a tool that counts instructions
//! shmkit-gauge list                        prints the operations
//! shmkit-gauge hold                        prints how long locks are held and handed over, as JSON
//! shmkit-gauge pingpong                    prints the nanoseconds to wake a futex waiter, at once and after 1 ms
//! ```

mod hold;
mod machine;
mod operations;
mod pair;
mod pingpong;

use operations::{OPERATIONS, Operation};
use std::process::ExitCode;

const USAGE: &str = "shmkit-gauge count <operation> <times> | list | hold | pingpong";

fn count(name: &str, times: &str) -> Option<()> {
    let Operation { prepare, operate, .. } = OPERATIONS.iter().find(|operation| operation.name == name)?;
    let times = times.parse().ok()?;
    let mut bench = operations::Bench::new(*prepare);
    for index in 0..times {
        operate(&mut bench, index);
    }
    Some(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["count", name, times] => count(name, times),
        ["list"] => {
            OPERATIONS.iter().for_each(|operation| println!("{}", operation.name));
            Some(())
        }
        ["hold"] => {
            hold::report();
            Some(())
        }
        ["pingpong"] => {
            pingpong::report();
            Some(())
        }
        _ => None,
    };
    if done.is_none() {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
