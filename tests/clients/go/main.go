// go-sql-driver against the gateway: main [DSN options]; what it prints: python/report.py.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

const text = "it's \"q\" \\ % ? 订单 😀"

var (
	db     *sql.DB
	failed bool
	ctx    = context.Background()
)

func cell(value any) string {
	switch v := value.(type) {
	case nil:
		return "\\N"
	case []byte:
		return strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n").Replace(string(v))
	default:
		return cell([]byte(fmt.Sprint(v)))
	}
}

func say(step string, values ...any) {
	for _, value := range values {
		step += "\t" + cell(value)
	}
	fmt.Println(step)
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// table gives the rows; a column of bytes comes in hexadecimal digits.
func table(on querier, query string, args ...any) ([][]any, error) {
	rows, err := on.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all [][]any
	for rows.Next() {
		row, into := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i, name := range names {
			if b, is := row[i].([]byte); is && name == "c_bin" {
				row[i] = fmt.Sprintf("%x", b)
			}
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

func value(on querier, query string, args ...any) (any, error) {
	rows, err := table(on, query, args...)
	if err != nil {
		return nil, err
	}
	return rows[0][0], nil
}

func firsts(rows [][]any, err error) ([][]any, error) {
	for i := range rows {
		rows[i] = rows[i][:1]
	}
	return rows, err
}

func step(name string, work func() ([][]any, error)) {
	rows, err := work()
	if err != nil {
		failed = true
		say("!"+name, err)
		return
	}
	for _, row := range rows {
		say(name, row...)
	}
}

var names = strings.Fields("tiny small int big large bool float double dec date time char text")

func values() []any {
	return []any{int8(-128), int16(-32768), int32(2147483647), int64(-9223372036854775808),
		"170141183460469231731687303715884105727", true, float32(0.5), 0.1, "1234567890123456.7891", "2024-02-29",
		time.Date(2024, 12, 31, 23, 59, 58, 0, time.UTC), "abc", text}
}

func filtered() ([][]any, error) {
	return table(db, "SELECT id FROM every WHERE c_"+strings.Join(names, " = ? AND c_")+" = ?", values()...)
}

func inserted() ([][]any, error) {
	query := "INSERT INTO sink VALUES (?" + strings.Repeat(", ?", 15) + ")"
	bytes := any([]byte{0, 0xff, 0x5c, 0x27})
	if strings.Contains(strings.Join(os.Args, " "), "interpolateParams") { // writes _binary'…', which StarRocks has not
		query, bytes = strings.TrimSuffix(query, "?)")+"UNHEX(?))", "00ff5c27"
	}
	args := append(append([]any{1}, values()...), `{"a": 1}`, bytes)
	if _, err := db.Exec(query, args...); err != nil {
		return nil, err
	}
	args = make([]any, 16)
	args[0] = 2
	if _, err := db.Exec(query, args...); err != nil {
		return nil, err
	}
	return table(db, "SELECT * FROM sink WHERE id < ? ORDER BY id", 100)
}

func batch() ([][]any, error) {
	var args []any
	for n := 0; n < 1000; n++ {
		args = append(args, n+100, fmt.Sprint("row ", n))
	}
	if _, err := db.Exec("INSERT INTO sink (id, c_text) VALUES (?, ?)"+strings.Repeat(", (?, ?)", 999), args...); err != nil {
		return nil, err
	}
	return table(db, "SELECT COUNT(*) FROM sink WHERE id >= 100")
}

func refused() ([][]any, error) {
	_, err := db.Query("SELECT * FROM hidden.every")
	var told *mysql.MySQLError
	if !errors.As(err, &told) {
		return nil, fmt.Errorf("not refused: %w", err)
	}
	one, err := value(db, "SELECT 1")
	return [][]any{{told.Number, one}}, err
}

func transaction() ([][]any, error) {
	var counts []any
	for _, end := range []func(*sql.Tx) error{(*sql.Tx).Rollback, (*sql.Tx).Commit} {
		tx, err := db.Begin()
		if err != nil {
			return nil, err
		}
		if _, err = tx.Exec("INSERT INTO sink (id) VALUES (50)"); err == nil {
			err = end(tx)
		}
		if err != nil {
			return nil, err
		}
		count, err := value(db, "SELECT COUNT(*) FROM sink WHERE id = 50")
		if err != nil {
			return nil, err
		}
		counts = append(counts, count)
	}
	return [][]any{counts}, nil
}

// cancelled ends the context; the driver drops the connection, and the gateway has to notice.
func cancelled() ([][]any, error) {
	short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	var ignored int
	err := db.QueryRowContext(short, "SELECT SLEEP(60)").Scan(&ignored)
	if err == nil {
		return nil, errors.New("went on")
	}
	for { // it must not go on behind the gateway either
		running, e := table(db, "SHOW FULL PROCESSLIST")
		if e != nil {
			return nil, e
		}
		if !strings.Contains(fmt.Sprintf("%s", running), "SLEEP") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	one, e := value(db, "SELECT 1")
	return [][]any{{fmt.Sprint("cancelled: ", err), one}}, e
}

func reconnected() ([][]any, error) {
	db.SetMaxIdleConns(1)
	own, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	number, err := value(own, "SELECT CONNECTION_ID()")
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec(fmt.Sprintf("KILL %v", cell(number))); err != nil { // over another connection
		return nil, err
	}
	own.Close()
	return table(db, "SELECT DATABASE()") // the pool finds the dead one out by itself
}

func version() ([][]any, error) {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if strings.HasSuffix(module.Path, "/mysql") {
			return [][]any{{strings.TrimPrefix(module.Version, "v")}}, nil
		}
	}
	return nil, errors.New("unknown")
}

func query(text string) func() ([][]any, error) {
	return func() ([][]any, error) { return table(db, text) }
}

func main() {
	address := fmt.Sprintf("%s:%s@tcp(%s:%s)/%s", os.Getenv("SB_USER"), os.Getenv("SB_PASSWORD"), os.Getenv("SB_HOST"),
		os.Getenv("SB_PORT"), os.Getenv("SB_DATABASE"))
	if len(os.Args) > 1 {
		address += "?" + os.Args[1]
	}
	var err error
	if db, err = sql.Open("mysql", address); err != nil {
		panic(err)
	}
	step("version", version)
	step("projects", query("SHOW DATABASES"))
	step("tables", func() ([][]any, error) { return firsts(table(db, "SHOW FULL TABLES")) })
	step("columns", func() ([][]any, error) { return firsts(table(db, "SHOW FULL COLUMNS FROM every")) })
	step("described", func() ([][]any, error) {
		rows, err := db.Query("SELECT * FROM every")
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		columns, err := rows.ColumnTypes()
		var all [][]any
		for _, column := range columns {
			all = append(all, []any{column.Name()})
		}
		return all, err
	})
	step("text", query("SELECT * FROM every ORDER BY id"))
	step("filtered", filtered)
	step("inserted", inserted)
	step("batch", batch)
	step("refused", refused)
	step("transaction", transaction)
	step("cancelled", cancelled)
	step("reconnected", reconnected)
	if failed {
		os.Exit(1)
	}
}
