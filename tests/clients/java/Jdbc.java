import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.*;
import java.util.*;
import java.util.concurrent.Callable;

/** A JDBC driver against the gateway: Jdbc SCHEME [OPTIONS]; what it prints: python/report.py. */
public class Jdbc {
    static final String TEXT = "it's \"q\" \\ % ? 订单 😀";
    static final byte[] BYTES = {0, (byte) 0xff, 0x5c, 0x27};
    static String url;
    static Connection own;
    static boolean failed;

    static Connection open() throws SQLException {
        return DriverManager.getConnection(url, System.getenv("SB_USER"), System.getenv("SB_PASSWORD"));
    }

    static String cell(Object value) {
        if (value == null) return "\\N";
        if (value instanceof byte[] bytes) return HexFormat.of().formatHex(bytes);
        return value.toString().replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
    }

    static void say(String step, List<?> row) {
        StringBuilder line = new StringBuilder(step);
        for (Object value : row) line.append('\t').append(cell(value));
        System.out.println(line);
    }

    static void step(String name, Callable<List<List<Object>>> function) {
        try {
            for (List<Object> row : function.call()) say(name, row);
        } catch (Exception e) {
            failed = true;
            Throwable cause = e;
            while (cause.getCause() != null) cause = cause.getCause();
            say("!" + name, List.of(e + (cause == e ? "" : ", because of " + cause)));
        }
    }

    static List<List<Object>> row(Object... values) {
        return List.of(Arrays.asList(values));
    }

    static List<List<Object>> column(ResultSet rows, String label) throws SQLException {
        List<List<Object>> all = new ArrayList<>();
        while (rows.next()) all.add(Arrays.asList((Object) rows.getString(label)));
        return all;
    }

    /** Rows of `every` or `sink`, each value by the getter that suits it. */
    static List<List<Object>> table(ResultSet rows) throws SQLException {
        List<List<Object>> all = new ArrayList<>();
        while (rows.next()) {
            List<Object> row = new ArrayList<>();
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                String name = rows.getMetaData().getColumnLabel(i);
                Object value = switch (name) {
                    case "c_bin" -> rows.getBytes(i);
                    case "c_bool" -> rows.getBoolean(i);
                    case "c_dec" -> rows.getBigDecimal(i);
                    case "c_date" -> rows.getDate(i);
                    case "c_time" -> rows.getTimestamp(i);
                    case "c_big" -> rows.getLong(i);
                    default -> rows.getString(i);
                };
                row.add(rows.wasNull() ? null : value);
            }
            all.add(row);
        }
        return all;
    }

    static Object value(Connection c, String sql) throws SQLException {
        try (Statement s = c.createStatement(); ResultSet rows = s.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    static Object value(String sql) throws SQLException {
        return value(own, sql);
    }

    static void run(Connection c, String sql) throws SQLException {
        try (Statement s = c.createStatement()) {
            s.execute(sql);
        }
    }

    /** Sets thirteen parameters, one of each type, from number `first` on. */
    static void bind(PreparedStatement s, int first) throws SQLException {
        s.setByte(first, (byte) -128);
        s.setShort(first + 1, (short) -32768);
        s.setInt(first + 2, 2147483647);
        s.setLong(first + 3, Long.MIN_VALUE);
        s.setBigDecimal(first + 4, new BigDecimal(BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE)));
        s.setBoolean(first + 5, true);
        s.setFloat(first + 6, 0.5f);
        s.setDouble(first + 7, 0.1);
        s.setBigDecimal(first + 8, new BigDecimal("1234567890123456.7891"));
        s.setDate(first + 9, java.sql.Date.valueOf("2024-02-29"));
        s.setTimestamp(first + 10, Timestamp.valueOf("2024-12-31 23:59:58"));
        s.setString(first + 11, "abc");
        s.setString(first + 12, TEXT);
    }

    static List<List<Object>> filtered() throws SQLException {
        StringJoiner where = new StringJoiner(" = ? AND ", "SELECT id FROM every WHERE ", " = ?");
        for (String name : "tiny small int big large bool float double dec date time char text".split(" ")) where.add("c_" + name);
        try (PreparedStatement s = own.prepareStatement(where.toString())) {
            bind(s, 1);
            return column(s.executeQuery(), "id");
        }
    }

    /** MariaDB's driver, when it doesn't prepare, writes bytes into the text as they are; a statement has to be UTF-8. */
    static boolean tellsBytes() {
        return url.startsWith("jdbc:mysql:") || url.contains("useServerPrepStmts=true");
    }

    static List<List<Object>> inserted() throws SQLException {
        boolean tells = tellsBytes();
        String start = "INSERT INTO sink VALUES (?" + ", ?".repeat(14);
        try (PreparedStatement s = own.prepareStatement(start + (tells ? ", ?)" : ", x'00ff5c27')"))) {
            s.setInt(1, 1);
            bind(s, 2);
            s.setString(15, "{\"a\": 1}");
            if (tells) s.setBytes(16, BYTES);
            s.executeUpdate();
        }
        try (PreparedStatement s = own.prepareStatement(start + ", ?)")) {
            s.setInt(1, 2);
            for (int i = 2; i <= 16; i++) s.setNull(i, i == 16 ? Types.VARBINARY : Types.VARCHAR);
            s.executeUpdate();
        }
        try (PreparedStatement s = own.prepareStatement("SELECT * FROM sink WHERE id < ? ORDER BY id")) {
            s.setInt(1, 100);
            return table(s.executeQuery());
        }
    }

    static List<List<Object>> batch() throws SQLException {
        try (PreparedStatement s = own.prepareStatement("INSERT INTO sink (id, c_text) VALUES (?, ?)")) {
            for (int n = 100; n < 1100; n++) {
                s.setInt(1, n);
                s.setString(2, "row " + n);
                s.addBatch();
            }
            s.executeBatch();
        }
        try (Statement s = own.createStatement()) {
            s.setFetchSize(50);
            s.setMaxRows(700); // SET SQL_SELECT_LIMIT, which must not stay on anybody's connection
            int count = 0;
            for (ResultSet rows = s.executeQuery("SELECT id FROM sink WHERE id >= 100"); rows.next();) count++;
            if (count != 700) throw new SQLException("setMaxRows(700) gave " + count + " rows");
        }
        try (Statement s = own.createStatement()) {
            int count = 0;
            for (ResultSet rows = s.executeQuery("SELECT id FROM sink WHERE id >= 100"); rows.next();) count++;
            return row(count);
        }
    }

    static List<List<Object>> refused() throws SQLException {
        try {
            run(own, "SELECT * FROM hidden.every");
            return row("not refused");
        } catch (SQLException e) {
            return row(e.getErrorCode(), value("SELECT 1"));
        }
    }

    static List<List<Object>> transaction() throws SQLException {
        List<Object> counts = new ArrayList<>();
        for (String end : List.of("ROLLBACK", "COMMIT")) { // autocommit=0 begins none in StarRocks
            run(own, "BEGIN");
            run(own, "INSERT INTO sink (id) VALUES (50)");
            run(own, end);
            counts.add(value("SELECT COUNT(*) FROM sink WHERE id = 50"));
        }
        return List.of(counts);
    }

    static String stopped(Statement s) {
        try {
            s.executeQuery("SELECT SLEEP(60)");
            return "went on";
        } catch (SQLException e) {
            return "cancelled: " + e.getMessage();
        }
    }

    static List<List<Object>> cancelled() throws Exception {
        try (Statement s = own.createStatement()) {
            s.setQueryTimeout(1);
            String late = stopped(s);
            if (!late.startsWith("cancelled")) return row(late);
        }
        try (Statement s = own.createStatement()) {
            Thread other = new Thread(() -> {
                try {
                    Thread.sleep(300);
                    s.cancel();
                } catch (Exception e) {
                    say("!cancelled", List.of(e));
                }
            });
            other.start();
            String said = stopped(s);
            other.join();
            return row(said, value("SELECT 1"));
        }
    }

    static List<List<Object>> reset() throws Exception {
        run(own, "SET @kept = 5");
        for (String name : List.of("resetServerState", "reset"))
            for (Method m : own.getClass().getMethods())
                if (m.getName().equals(name) && m.getParameterCount() == 0) {
                    m.invoke(own);
                    return row(value("SELECT @kept"), value("SELECT DATABASE()"));
                }
        throw new SQLException("no reset");
    }

    static List<List<Object>> reconnected() throws SQLException {
        try (Connection other = open()) {
            run(other, "KILL " + value("SELECT CONNECTION_ID()"));
        }
        try {
            while (true) run(own, "SELECT 1");
        } catch (SQLException e) {
            if (own.isValid(5)) throw new SQLException("still there");
        }
        own = open();
        return row(value("SELECT DATABASE()"));
    }

    /** What a tool may ask beside the tables, but for privileges, which old drivers read in `mysql`; a frontend has no such
     *  database. No row is wanted, no error either. */
    static void browse(DatabaseMetaData m) throws SQLException {
        m.getSchemas();
        m.getTableTypes();
        m.getTypeInfo();
        m.getPrimaryKeys("shop", null, "every");
        m.getIndexInfo("shop", null, "every", false, true);
        m.getImportedKeys("shop", null, "every");
        m.getExportedKeys("shop", null, "every");
        m.getProcedures("shop", null, "%");
        m.getFunctions("shop", null, "%");
        m.getBestRowIdentifier("shop", null, "every", DatabaseMetaData.bestRowSession, true);
        m.getVersionColumns("shop", null, "every");
    }

    public static void main(String[] words) throws Exception {
        url = "jdbc:" + words[0] + "://" + System.getenv("SB_HOST") + ":" + System.getenv("SB_PORT") + "/"
            + System.getenv("SB_DATABASE") + (words.length > 1 ? "?" + words[1] : "");
        own = open();
        DatabaseMetaData m = own.getMetaData();
        step("version", () -> row(m.getDriverVersion().replaceAll("^[^0-9]*([0-9.]+).*", "$1")));
        step("projects", () -> column(m.getCatalogs(), "TABLE_CAT"));
        step("tables", () -> column(m.getTables("shop", null, "%", new String[] {"TABLE"}), "TABLE_NAME"));
        step("columns", () -> column(m.getColumns("shop", null, "every", "%"), "COLUMN_NAME"));
        step("described", () -> {
            browse(m);
            try (Statement s = own.createStatement()) {
                ResultSetMetaData d = s.executeQuery("SELECT * FROM every").getMetaData();
                List<List<Object>> names = new ArrayList<>();
                for (int i = 1; i <= d.getColumnCount(); i++) names.add(List.of(d.getColumnLabel(i)));
                return names;
            }
        });
        step("text", () -> {
            try (Statement s = own.createStatement()) {
                return table(s.executeQuery("SELECT * FROM every ORDER BY id"));
            }
        });
        step("filtered", Jdbc::filtered);
        step("inserted", Jdbc::inserted);
        step("batch", Jdbc::batch);
        step("refused", Jdbc::refused);
        step("transaction", Jdbc::transaction);
        step("cancelled", Jdbc::cancelled);
        step("reset", Jdbc::reset);
        step("reconnected", Jdbc::reconnected);
        own.close();
        System.exit(failed ? 1 : 0);
    }
}
