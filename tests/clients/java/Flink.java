import java.sql.*;
import java.util.*;

/** The statements of StarRocks' connectors for Flink and Spark, as they send them over Connector/J; they write by Stream Load.
 *  What it prints: python/report.py. */
public class Flink {
    static final String COLUMNS = "select `COLUMN_NAME`, `ORDINAL_POSITION`, `COLUMN_KEY`, `DATA_TYPE`, `COLUMN_SIZE`, `DECIMAL_DIGITS`"
        + " from `information_schema`.`COLUMNS` where `TABLE_SCHEMA`=? and `TABLE_NAME`=?;";
    static final String CATALOG_COLUMNS = "SELECT `COLUMN_NAME`, `DATA_TYPE`, `ORDINAL_POSITION`, `COLUMN_SIZE`, `DECIMAL_DIGITS`,"
        + " `IS_NULLABLE`, `COLUMN_KEY`, `COLUMN_COMMENT` FROM `information_schema`.`COLUMNS` WHERE `TABLE_SCHEMA`=? AND `TABLE_NAME`=?;";
    static final String SPARK_TABLES = "select TABLE_SCHEMA, TABLE_NAME from information_schema.tables where TABLE_TYPE = 'BASE TABLE'"
        + " AND TABLE_SCHEMA in (?) ;";
    static Connection own;

    static List<List<Object>> ask(String label, String sql, String... parameters) throws SQLException {
        try (PreparedStatement s = own.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) s.setString(i + 1, parameters[i]);
            return Jdbc.column(s.executeQuery(), label);
        }
    }

    static void same(List<List<Object>> got, List<List<Object>> expected) throws SQLException {
        Comparator<List<Object>> order = Comparator.comparing(row -> row.get(0).toString());
        if (!got.stream().sorted(order).toList().equals(expected.stream().sorted(order).toList()))
            throw new SQLException("got " + got + ", expected " + expected);
    }

    static List<List<Object>> projects() throws SQLException {
        List<List<Object>> all = ask("SCHEMA_NAME", "SELECT `SCHEMA_NAME` FROM `INFORMATION_SCHEMA`.`SCHEMATA`;");
        same(ask("Database", "show databases;"), all);
        same(ask("SCHEMA_NAME", "SELECT `SCHEMA_NAME` FROM `INFORMATION_SCHEMA`.`SCHEMATA` WHERE SCHEMA_NAME = 'shop';"), Jdbc.row("shop"));
        same(ask("SCHEMA_NAME", "select SCHEMA_NAME from information_schema.schemata where SCHEMA_NAME in (?) AND CATALOG_NAME = 'def';",
            "shop"), Jdbc.row("shop"));
        return all;
    }

    static List<List<Object>> tables() throws SQLException {
        List<List<Object>> all = ask("TABLE_NAME", "SELECT TABLE_NAME FROM information_schema.`TABLES` WHERE TABLE_SCHEMA = ?", "shop");
        same(ask("TABLE_NAME", SPARK_TABLES, "shop"), all);
        same(ask("TABLE_NAME", "SELECT TABLE_NAME FROM information_schema.`TABLES` WHERE TABLE_SCHEMA=? and TABLE_NAME=?", "shop", "every"),
            Jdbc.row("every"));
        return all;
    }

    static List<List<Object>> columns() throws SQLException {
        List<List<Object>> all = ask("COLUMN_NAME", COLUMNS, "shop", "every");
        same(ask("COLUMN_NAME", CATALOG_COLUMNS, "shop", "every"), all);
        ask("JobId", "SHOW ALTER TABLE COLUMN FROM `shop` WHERE TableName = 'every' ORDER BY JobId DESC LIMIT 1;");
        return all;
    }

    static List<List<Object>> refused() throws SQLException {
        try {
            Jdbc.run(own, "DROP TABLE `hidden`.`every`;");
            return Jdbc.row("not refused");
        } catch (SQLException e) {
            return Jdbc.row(e.getErrorCode(), Jdbc.value(own, "SELECT 1"));
        }
    }

    public static void main(String[] words) throws Exception {
        Jdbc.url = "jdbc:mysql://" + System.getenv("SB_HOST") + ":" + System.getenv("SB_PORT"); // no database: names are whole
        own = Jdbc.open();
        Jdbc.step("version", () -> Jdbc.row(own.getMetaData().getDriverVersion().replaceAll("^[^0-9]*([0-9.]+).*", "$1")));
        ask("ver", "select current_version() as ver;");
        Jdbc.step("projects", Flink::projects);
        Jdbc.step("tables", Flink::tables);
        Jdbc.step("columns", Flink::columns);
        Jdbc.step("text", () -> {
            try (Statement s = own.createStatement()) {
                return Jdbc.table(s.executeQuery("select * from `shop`.`every` order by id"));
            }
        });
        Jdbc.step("refused", Flink::refused);
        own.close();
        System.exit(Jdbc.failed ? 1 : 0);
    }
}
