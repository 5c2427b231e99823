<?php
// mysqlnd against the gateway: clients.php pdo|pdo-prepares|mysqli; what it prints: python/report.py.
const TEXT = "it's \"q\" \\ % ? 订单 😀";
const NAMES = ['tiny', 'small', 'int', 'big', 'large', 'bool', 'float', 'double', 'dec', 'date', 'time', 'char', 'text'];
const VALUES = [-128, -32768, 2147483647, PHP_INT_MIN, '170141183460469231731687303715884105727', 1, 0.5, 0.1,
    '1234567890123456.7891', '2024-02-29', '2024-12-31 23:59:58', 'abc', TEXT];
define('HOST', getenv('SB_HOST'));
define('PORT', (int)getenv('SB_PORT'));
define('USER', getenv('SB_USER'));
define('PASSWORD', getenv('SB_PASSWORD'));
define('DATABASE', getenv('SB_DATABASE'));
ini_set('precision', '-1');

/** One connection, by PDO or by mysqli. rows() binds when there are parameters; a number of bytes is bound as such. */
interface Driver
{
    public function rows(string $sql, array $parameters = []): array;
    public function names(string $sql): array;
    public function begin(): void;
    public function end(bool $keep): void;
    public function errno(Exception $e): int;
}

class ByPdo implements Driver
{
    private PDO $pdo;

    public function __construct(private bool $prepares)
    {
        $this->pdo = new PDO('mysql:host=' . HOST . ';port=' . PORT . ';dbname=' . DATABASE . ';charset=utf8mb4', USER, PASSWORD, [
            PDO::ATTR_EMULATE_PREPARES => !$prepares, PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
        ]);
    }

    private function run(string $sql, array $parameters): PDOStatement
    {
        if (!$parameters) {
            return $this->pdo->query($sql);
        }
        $statement = $this->pdo->prepare($sql);
        foreach ($parameters as $i => $value) {
            $type = is_int($value) ? PDO::PARAM_INT : (is_null($value) ? PDO::PARAM_NULL : PDO::PARAM_STR);
            $statement->bindValue($i + 1, $value, $type);
        }
        $statement->execute();
        return $statement;
    }

    public function rows(string $sql, array $parameters = []): array
    {
        $statement = $this->run($sql, $parameters);
        return $statement->columnCount() ? $statement->fetchAll(PDO::FETCH_NUM) : [];
    }

    public function names(string $sql): array
    {
        $statement = $this->pdo->query($sql);
        $names = array_map(fn ($i) => [$statement->getColumnMeta($i)['name']], range(0, $statement->columnCount() - 1));
        $statement->closeCursor();
        return $names;
    }

    public function begin(): void
    {
        $this->pdo->beginTransaction();
    }

    public function end(bool $keep): void
    {
        $keep ? $this->pdo->commit() : $this->pdo->rollBack();
    }

    public function errno(Exception $e): int
    {
        return $e->errorInfo[1];
    }
}

class ByMysqli implements Driver
{
    public mysqli $mysqli;

    public function __construct()
    {
        mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
        $this->mysqli = new mysqli(HOST, USER, PASSWORD, DATABASE, PORT);
        $this->mysqli->set_charset('utf8mb4');
    }

    public function rows(string $sql, array $parameters = []): array
    {
        if (!$parameters) {
            $result = $this->mysqli->query($sql);
            return is_bool($result) ? [] : $result->fetch_all(MYSQLI_NUM);
        }
        $statement = $this->mysqli->prepare($sql);
        $types = array_map(fn ($v) => is_int($v) ? 'i' : (is_float($v) ? 'd' : 's'), $parameters);
        $statement->bind_param(implode('', $types), ...$parameters);
        $statement->execute();
        $result = $statement->get_result();
        return $result ? $result->fetch_all(MYSQLI_NUM) : [];
    }

    public function names(string $sql): array
    {
        return array_map(fn ($field) => [$field->name], $this->mysqli->query($sql)->fetch_fields());
    }

    public function begin(): void
    {
        $this->mysqli->begin_transaction();
    }

    public function end(bool $keep): void
    {
        $keep ? $this->mysqli->commit() : $this->mysqli->rollback();
    }

    public function errno(Exception $e): int
    {
        return $e->getCode();
    }
}

$mode = $argv[1];
$open = fn (): Driver => $mode === 'mysqli' ? new ByMysqli() : new ByPdo($mode === 'pdo-prepares');
$own = $open();
$failed = false;

function cell($value): string
{
    if ($value === null) {
        return '\N';
    }
    $text = is_string($value) && preg_match('//u', $value) !== 1 ? bin2hex($value) : (string)$value;
    return strtr($text, ['\\' => '\\\\', "\t" => '\t', "\n" => '\n']);
}

/** Rows of `every` or `sink`; the last column is bytes, which may look like text. */
function table(array $rows): array
{
    return array_map(fn ($row) => [...array_slice($row, 0, 15), $row[15] === null ? null : bin2hex($row[15])], $rows);
}

function step(string $name, callable $work): void
{
    global $failed;
    try {
        foreach ($work() as $row) {
            echo implode("\t", [$name, ...array_map('cell', $row)]), "\n";
        }
    } catch (Throwable $e) {
        $failed = true;
        echo "!$name\t", cell(get_class($e) . ': ' . $e->getMessage()), "\n";
    }
}

function value(string $sql)
{
    global $own;
    return $own->rows($sql)[0][0];
}

$first = fn (array $rows) => array_map(fn ($row) => [$row[0]], $rows);
$prepares = $mode !== 'pdo';

step('version', fn () => [[PHP_VERSION]]);
step('projects', fn () => $own->rows('SHOW DATABASES'));
step('tables', fn () => $first($own->rows('SHOW FULL TABLES')));
step('columns', fn () => $first($own->rows('SHOW FULL COLUMNS FROM every')));
step('described', fn () => $own->names('SELECT * FROM every'));
step('text', fn () => table($own->rows('SELECT * FROM every ORDER BY id')));
step('filtered', fn () => $own->rows('SELECT id FROM every WHERE c_' . implode(' = ? AND c_', NAMES) . ' = ?', VALUES));
step('inserted', function () use ($own, $prepares) {
    // without preparing, PDO writes the bytes into the text, which has to be UTF-8
    $last = $prepares ? '?' : 'UNHEX(?)';
    $bytes = $prepares ? "\x00\xff\x5c\x27" : '00ff5c27';
    $own->rows('INSERT INTO sink VALUES (' . str_repeat('?, ', 15) . "$last)", [1, ...VALUES, '{"a": 1}', $bytes]);
    $own->rows('INSERT INTO sink VALUES (' . str_repeat('?, ', 15) . '?)', [2, ...array_fill(0, 15, null)]);
    return table($own->rows('SELECT * FROM sink WHERE id < ? ORDER BY id', [100]));
});
step('batch', function () use ($own) {
    $rows = implode(', ', array_fill(0, 500, '(?, ?)'));
    for ($start = 100; $start < 1100; $start += 500) {
        $many = array_merge(...array_map(fn ($n) => [$n, "row $n"], range($start, $start + 499)));
        $own->rows("INSERT INTO sink (id, c_text) VALUES $rows", $many);
    }
    return $own->rows('SELECT COUNT(*) FROM sink WHERE id >= 100');
});
step('refused', function () use ($own) {
    try {
        $own->rows('SELECT * FROM hidden.every');
    } catch (Exception $e) {
        return [[$own->errno($e), value('SELECT 1')]];
    }
    return [['not refused']];
});
step('transaction', function () use ($own) {
    $counts = [];
    foreach ([false, true] as $keep) {
        $own->begin();
        $own->rows('INSERT INTO sink (id) VALUES (50)');
        $own->end($keep);
        $counts[] = value('SELECT COUNT(*) FROM sink WHERE id = 50');
    }
    return [$counts];
});
step('cancelled', function () use ($own) {
    $kill = 'usleep(500000); (new mysqli("' . HOST . '", "' . USER . '", "' . PASSWORD . '", "", ' . PORT . '))'
        . '->query("KILL QUERY ' . value('SELECT CONNECTION_ID()') . '");';
    $other = proc_open([PHP_BINARY, '-r', $kill], [], $pipes);
    try {
        $own->rows('SELECT SLEEP(60)');
        return [['went on']];
    } catch (Exception $e) {
        proc_close($other);
        return [['cancelled: ' . $e->getMessage(), value('SELECT 1')]];
    }
});
if ($mode === 'mysqli') {
    step('reset', function () use ($own) {
        $own->rows('SET @kept = 5');
        $own->mysqli->change_user(USER, PASSWORD, DATABASE);
        return [[value('SELECT @kept'), value('SELECT DATABASE()')]];
    });
}
step('reconnected', function () use ($open) {
    global $own;
    $open()->rows('KILL ' . value('SELECT CONNECTION_ID()'));
    try {
        while (true) {
            @$own->rows('SELECT 1');
        }
    } catch (Exception $e) {
        $own = $open();
    }
    return $own->rows('SELECT DATABASE()');
});
exit($failed ? 1 : 0);
