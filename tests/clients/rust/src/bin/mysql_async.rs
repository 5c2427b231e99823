//! mysql_async against the gateway: text without parameters, prepared statements with them.

use clients::*;
use mysql_async::prelude::*;
use mysql_async::{Conn, Error, OptsBuilder, Params, Pool, PoolConstraints, PoolOpts, Value};
use std::time::Duration;

fn shown(name: &str, value: Value) -> Option<String> {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) if name == "c_bin" => Some(hex(&bytes)),
        Value::Bytes(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Value::Date(y, m, d, 0, 0, 0, 0) if name == "c_date" => Some(format!("{y:04}-{m:02}-{d:02}")),
        Value::Date(y, m, d, h, i, s, _) => Some(format!("{y:04}-{m:02}-{d:02} {h:02}:{i:02}:{s:02}")),
        Value::Int(n) => Some(n.to_string()),
        Value::UInt(n) => Some(n.to_string()),
        Value::Float(n) => Some(n.to_string()),
        Value::Double(n) => Some(n.to_string()),
        other => Some(format!("{other:?}")),
    }
}

fn cells(rows: Vec<mysql_async::Row>) -> Vec<Row> {
    rows.into_iter()
        .map(|row| {
            let columns = row.columns();
            row.unwrap()
                .into_iter()
                .zip(columns.iter())
                .map(|(v, c)| shown(&c.name_str(), v))
                .collect()
        })
        .collect()
}

async fn rows(conn: &mut Conn, sql: &str) -> Result<Vec<Row>, Failure> {
    Ok(cells(conn.query(sql).await?))
}

async fn prepared(conn: &mut Conn, sql: &str, values: Vec<Value>) -> Result<Vec<Row>, Failure> {
    Ok(cells(conn.exec(sql, Params::Positional(values)).await?))
}

async fn value(conn: &mut Conn, sql: &str) -> Result<String, Failure> {
    Ok(rows(conn, sql).await?[0][0].clone().unwrap_or("\\N".into()))
}

fn values() -> Vec<Value> {
    vec![
        (-128i8).into(),
        (-32768i16).into(),
        2147483647i32.into(),
        i64::MIN.into(),
        "170141183460469231731687303715884105727".into(),
        true.into(),
        0.5f32.into(),
        0.1f64.into(),
        "1234567890123456.7891".into(),
        Value::Date(2024, 2, 29, 0, 0, 0, 0),
        Value::Date(2024, 12, 31, 23, 59, 58, 0),
        "abc".into(),
        TEXT.into(),
    ]
}

async fn inserted(conn: &mut Conn) -> Result<Vec<Row>, Failure> {
    let sql = format!("INSERT INTO sink VALUES (?{})", ", ?".repeat(15));
    let mut given: Vec<Value> = vec![1.into()];
    given.extend(values());
    given.extend([Value::from("{\"a\": 1}"), Value::Bytes(vec![0, 0xff, 0x5c, 0x27])]);
    prepared(conn, &sql, given).await?;
    let mut nulls = vec![Value::NULL; 16];
    nulls[0] = 2.into();
    prepared(conn, &sql, nulls).await?;
    prepared(conn, "SELECT * FROM sink WHERE id < ? ORDER BY id", vec![100.into()]).await
}

async fn batch(conn: &mut Conn) -> Result<Vec<Row>, Failure> {
    conn.exec_batch(
        "INSERT INTO sink (id, c_text) VALUES (?, ?)",
        (100..1100).map(|n| (n, format!("row {n}"))),
    )
    .await?;
    rows(conn, "SELECT COUNT(*) FROM sink WHERE id >= 100").await
}

async fn refused(conn: &mut Conn) -> Result<Vec<Row>, Failure> {
    match conn.query_drop("SELECT * FROM hidden.every").await {
        Err(Error::Server(e)) => Ok(row(&[&e.code.to_string(), &value(conn, "SELECT 1").await?])),
        other => Err(format!("not refused: {other:?}").into()),
    }
}

async fn transaction(conn: &mut Conn) -> Result<Vec<Row>, Failure> {
    let mut counts = vec![];
    for keep in [false, true] {
        let mut tx = conn.start_transaction(Default::default()).await?;
        tx.query_drop("INSERT INTO sink (id) VALUES (50)").await?;
        if keep {
            tx.commit().await?
        } else {
            tx.rollback().await?
        }
        counts.push(Some(value(conn, "SELECT COUNT(*) FROM sink WHERE id = 50").await?));
    }
    Ok(vec![counts])
}

async fn cancelled(pool: &Pool, conn: &mut Conn) -> Result<Vec<Row>, Failure> {
    let (number, pool) = (conn.id(), pool.clone());
    let other = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        pool.get_conn().await?.query_drop(format!("KILL QUERY {number}")).await
    });
    let said = conn.query_drop("SELECT SLEEP(60)").await;
    other.await??;
    match said {
        Err(e) => Ok(row(&[&format!("cancelled: {e}"), &value(conn, "SELECT 1").await?])),
        Ok(()) => Err("went on".into()),
    }
}

async fn reset(conn: &mut Conn) -> Result<Vec<Row>, Failure> {
    conn.query_drop("SET @kept = 5").await?;
    if !conn.reset().await? {
        return Err("no reset".into());
    }
    rows(conn, "SELECT @kept, DATABASE()").await
}

async fn reconnected(pool: &Pool) -> Result<Vec<Row>, Failure> {
    let mut conn = pool.get_conn().await?;
    let number = conn.id();
    pool.get_conn().await?.query_drop(format!("KILL {number}")).await?;
    while conn.ping().await.is_ok() {}
    drop(conn); // the pool throws it away
    rows(&mut pool.get_conn().await?, "SELECT DATABASE()").await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let p = place();
    let pool = Pool::new(
        OptsBuilder::default()
            .ip_or_hostname(p.host)
            .tcp_port(p.port)
            .user(Some(p.user))
            .pass(Some(p.password))
            .db_name(Some(p.database))
            .pool_opts(PoolOpts::default().with_constraints(PoolConstraints::new(0, 4).unwrap())),
    );
    let mut conn = pool.get_conn().await?;
    let c = &mut conn;
    let first = |all: Result<Vec<Row>, Failure>| all.map(|rows| rows.into_iter().map(|r| r[..1].to_vec()).collect());
    let mut good = tell("version", Ok(row(&[&version("mysql_async")])));
    good &= tell("projects", rows(c, "SHOW DATABASES").await);
    good &= tell("tables", first(rows(c, "SHOW FULL TABLES").await));
    good &= tell("columns", first(rows(c, "SHOW FULL COLUMNS FROM every").await));
    let all: Vec<mysql_async::Row> = c.query("SELECT * FROM every ORDER BY id").await?;
    good &= tell(
        "described",
        Ok(all[0].columns_ref().iter().flat_map(|c| row(&[&c.name_str()])).collect()),
    );
    good &= tell("text", Ok(cells(all)));
    good &= tell(
        "filtered",
        prepared(c, &format!("SELECT id FROM every WHERE {}", where_all()), values()).await,
    );
    good &= tell("inserted", inserted(c).await);
    good &= tell("batch", batch(c).await);
    good &= tell("refused", refused(c).await);
    good &= tell("transaction", transaction(c).await);
    good &= tell("cancelled", cancelled(&pool, c).await);
    good &= tell("reset", reset(c).await);
    good &= tell("reconnected", reconnected(&pool).await);
    drop(conn);
    pool.disconnect().await?;
    std::process::exit(if good { 0 } else { 1 })
}
