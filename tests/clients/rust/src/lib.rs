//! What both programs share; what they print: python/report.py.

pub const TEXT: &str = "it's \"q\" \\ % ? 订单 😀";
pub const NAMES: [&str; 13] = [
    "tiny", "small", "int", "big", "large", "bool", "float", "double", "dec", "date", "time", "char", "text",
];
pub type Row = Vec<Option<String>>;
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

pub struct Place {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: String,
    pub database: String,
}

pub fn place() -> Place {
    let told = |name| std::env::var(name).unwrap();
    Place {
        host: told("SB_HOST"),
        port: told("SB_PORT").parse().unwrap(),
        user: told("SB_USER"),
        password: told("SB_PASSWORD"),
        database: told("SB_DATABASE"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n")
}

/// Prints the rows of a step, or why it failed; false when it did.
pub fn tell(step: &str, rows: Result<Vec<Row>, Failure>) -> bool {
    match rows {
        Ok(rows) => {
            for row in rows {
                let cells: Vec<_> = row.iter().map(|c| c.as_deref().map_or("\\N".into(), escaped)).collect();
                println!("{step}\t{}", cells.join("\t"));
            }
            true
        }
        Err(e) => {
            println!("!{step}\t{}", escaped(&e.to_string()));
            false
        }
    }
}

pub fn row(cells: &[&str]) -> Vec<Row> {
    vec![cells.iter().map(|c| Some(c.to_string())).collect()]
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub fn where_all() -> String {
    NAMES.map(|name| format!("c_{name} = ?")).join(" AND ")
}

/// The version that Cargo.lock pins.
pub fn version(package: &str) -> String {
    let lock = include_str!("../Cargo.lock");
    let entry = lock
        .split("[[package]]")
        .find(|p| p.contains(&format!("name = \"{package}\"\n")))
        .unwrap();
    entry
        .lines()
        .find_map(|l| l.strip_prefix("version = \""))
        .unwrap()
        .trim_end_matches('"')
        .to_string()
}
