import java.sql.*;
import java.util.*;

/** Logins over TLS: Secure URL; each line of standard input is a case, `name TAB user TAB password TAB options`.
 *  Prints `name TAB version of TLS TAB first field of the statement`, or `name TAB refused TAB why`. */
public class Secure {
    static final String SQL = "SELECT COUNT(*) FROM sales.t";

    static String why(Throwable e) {
        StringBuilder all = new StringBuilder();
        for (Throwable at = e; at != null; at = at.getCause()) all.append(at.getMessage()).append("; ");
        return (e instanceof SQLException s ? s.getErrorCode() + " " : "") + all.toString().replaceAll("\\s+", " ");
    }

    static String tried(String url, String user, String password) {
        try (Connection c = DriverManager.getConnection(url, user, password); Statement s = c.createStatement()) {
            ResultSet rows = s.executeQuery(SQL);
            rows.next();
            return "in\t" + rows.getString(1);
        } catch (SQLException e) {
            return "refused\t" + why(e);
        }
    }

    public static void main(String[] words) {
        for (Scanner in = new Scanner(System.in); in.hasNextLine();) {
            String[] told = in.nextLine().split("\t", -1);
            System.out.println(told[0] + "\t" + tried(words[0] + "?" + told[3], told[1], told[2]));
        }
    }
}
