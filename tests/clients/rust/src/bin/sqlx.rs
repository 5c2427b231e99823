//! sqlx against the gateway: raw text without parameters, prepared statements with them.

use clients::*;
use sqlx::mysql::{MySqlArguments, MySqlConnectOptions, MySqlDatabaseError, MySqlPool, MySqlPoolOptions, MySqlRow, MySqlSslMode};
use sqlx::query::Query;
use sqlx::types::chrono::{NaiveDate, NaiveDateTime};
use sqlx::types::BigDecimal;
use sqlx::{Column, Connection, Executor, MySql, QueryBuilder, Row as _, TypeInfo, Value as _, ValueRef};
use std::time::Duration;

type Asked = Query<'static, MySql, MySqlArguments>;

/// A value as its type says; every driver of this kind decodes by types, so each is tried out.
fn shown(row: &MySqlRow, i: usize) -> Result<Option<String>, Failure> {
    let value = row.try_get_raw(i)?;
    if value.is_null() {
        return Ok(None);
    }
    let owned = ValueRef::to_owned(&value);
    let name = row.column(i).name();
    Ok(Some(match (name, value.type_info().name()) {
        ("c_bin", _) => hex(owned.try_decode_unchecked::<&[u8]>()?),
        (_, "BOOLEAN") => u8::from(owned.try_decode::<bool>()?).to_string(),
        (_, "TINYINT" | "SMALLINT" | "INT" | "BIGINT") => owned.try_decode::<i64>()?.to_string(),
        (_, "FLOAT") => owned.try_decode::<f32>()?.to_string(),
        (_, "DOUBLE") => owned.try_decode::<f64>()?.to_string(),
        (_, "DECIMAL") => owned.try_decode::<BigDecimal>()?.to_string(),
        (_, "DATE") => owned.try_decode::<NaiveDate>()?.to_string(),
        (_, "DATETIME") => owned.try_decode::<NaiveDateTime>()?.to_string(),
        _ => owned.try_decode_unchecked::<String>()?,
    }))
}

fn cells(rows: Vec<MySqlRow>) -> Result<Vec<Row>, Failure> {
    rows.iter()
        .map(|row| (0..row.len()).map(|i| shown(row, i)).collect())
        .collect()
}

async fn rows(pool: &MySqlPool, sql: &'static str) -> Result<Vec<Row>, Failure> {
    cells(pool.fetch_all(sqlx::raw_sql(sql)).await?)
}

async fn value(pool: &MySqlPool, sql: &'static str) -> Result<String, Failure> {
    Ok(rows(pool, sql).await?[0][0].clone().unwrap_or("\\N".into()))
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn bound(query: Asked) -> Asked {
    query
        .bind(-128i8)
        .bind(-32768i16)
        .bind(2147483647i32)
        .bind(i64::MIN)
        .bind("170141183460469231731687303715884105727")
        .bind(true)
        .bind(0.5f32)
        .bind(0.1f64)
        .bind("1234567890123456.7891".parse::<BigDecimal>().unwrap())
        .bind(day(2024, 2, 29))
        .bind(day(2024, 12, 31).and_hms_opt(23, 59, 58).unwrap())
        .bind("abc")
        .bind(TEXT)
}

async fn filtered(pool: &MySqlPool) -> Result<Vec<Row>, Failure> {
    let sql: &'static str = format!("SELECT id FROM every WHERE {}", where_all()).leak();
    cells(bound(sqlx::query(sql)).fetch_all(pool).await?)
}

async fn inserted(pool: &MySqlPool) -> Result<Vec<Row>, Failure> {
    let sql: &'static str = format!("INSERT INTO sink VALUES (?{})", ", ?".repeat(15)).leak();
    bound(sqlx::query(sql).bind(1))
        .bind("{\"a\": 1}")
        .bind(vec![0u8, 0xff, 0x5c, 0x27])
        .execute(pool)
        .await?;
    let mut nulls = sqlx::query(sql).bind(2);
    for _ in 0..15 {
        nulls = nulls.bind(None::<String>);
    }
    nulls.execute(pool).await?;
    cells(
        sqlx::query("SELECT * FROM sink WHERE id < ? ORDER BY id")
            .bind(100)
            .fetch_all(pool)
            .await?,
    )
}

async fn batch(pool: &MySqlPool) -> Result<Vec<Row>, Failure> {
    let mut insert = QueryBuilder::new("INSERT INTO sink (id, c_text) ");
    insert.push_values(100..1100, |mut row, n| {
        row.push_bind(n).push_bind(format!("row {n}"));
    });
    insert.build().execute(pool).await?;
    rows(pool, "SELECT COUNT(*) FROM sink WHERE id >= 100").await
}

async fn refused(pool: &MySqlPool) -> Result<Vec<Row>, Failure> {
    match pool.execute(sqlx::raw_sql("SELECT * FROM hidden.every")).await {
        Err(sqlx::Error::Database(e)) => {
            let number = e.downcast_ref::<MySqlDatabaseError>().number().to_string();
            Ok(row(&[&number, &value(pool, "SELECT 1").await?]))
        }
        other => Err(format!("not refused: {other:?}").into()),
    }
}

async fn transaction(pool: &MySqlPool) -> Result<Vec<Row>, Failure> {
    let mut counts = vec![];
    for keep in [false, true] {
        let mut tx = pool.begin().await?;
        tx.execute("INSERT INTO sink (id) VALUES (50)").await?;
        if keep {
            tx.commit().await?
        } else {
            tx.rollback().await?
        }
        counts.push(Some(value(pool, "SELECT COUNT(*) FROM sink WHERE id = 50").await?));
    }
    Ok(vec![counts])
}

/// Each has a connection of its own; what ran is killed by its number.
async fn cancelled(pool: &MySqlPool) -> Result<Vec<Row>, Failure> {
    let mut own = pool.acquire().await?;
    let number: i64 = sqlx::query("SELECT CONNECTION_ID()")
        .fetch_one(&mut *own)
        .await?
        .try_get_unchecked(0)?;
    let other = pool.clone();
    let killing = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        other.execute(sqlx::raw_sql(format!("KILL QUERY {number}").leak())).await
    });
    let said = own.execute(sqlx::raw_sql("SELECT SLEEP(60)")).await;
    killing.await??;
    drop(own);
    match said {
        Err(e) => Ok(row(&[&format!("cancelled: {e}"), &value(pool, "SELECT 1").await?])),
        Ok(_) => Err("went on".into()),
    }
}

/// The pool tries a connection before it lends it.
async fn reconnected(pool: &MySqlPool) -> Result<Vec<Row>, Failure> {
    let mut own = pool.acquire().await?;
    let number: i64 = sqlx::query("SELECT CONNECTION_ID()")
        .fetch_one(&mut *own)
        .await?
        .try_get_unchecked(0)?;
    pool.execute(sqlx::raw_sql(format!("KILL {number}").leak())).await?;
    while own.ping().await.is_ok() {}
    drop(own);
    rows(pool, "SELECT DATABASE()").await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let p = place();
    let options = MySqlConnectOptions::new()
        .host(&p.host)
        .port(p.port)
        .username(&p.user)
        .password(&p.password)
        .database(&p.database)
        .ssl_mode(MySqlSslMode::Disabled);
    let pool = MySqlPoolOptions::new().max_connections(2).connect_with(options).await?;
    let first = |all: Result<Vec<Row>, Failure>| all.map(|rows| rows.into_iter().map(|r| r[..1].to_vec()).collect());
    let mut good = tell("version", Ok(row(&[&version("sqlx")])));
    good &= tell("projects", rows(&pool, "SHOW DATABASES").await);
    good &= tell("tables", first(rows(&pool, "SHOW FULL TABLES").await));
    good &= tell("columns", first(rows(&pool, "SHOW FULL COLUMNS FROM every").await));
    let all = pool.fetch_all(sqlx::raw_sql("SELECT * FROM every ORDER BY id")).await?;
    good &= tell(
        "described",
        Ok(all[0].columns().iter().flat_map(|c| row(&[c.name()])).collect()),
    );
    good &= tell("text", cells(all));
    good &= tell("filtered", filtered(&pool).await);
    good &= tell("inserted", inserted(&pool).await);
    good &= tell("batch", batch(&pool).await);
    good &= tell("refused", refused(&pool).await);
    good &= tell("transaction", transaction(&pool).await);
    good &= tell("cancelled", cancelled(&pool).await);
    good &= tell("reconnected", reconnected(&pool).await);
    pool.close().await;
    std::process::exit(if good { 0 } else { 1 })
}
