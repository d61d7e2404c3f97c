namespace Redlock.Fast.Testing.Tests;

/// <summary>Makes commands on few keys, many of them wrong, whose replies depend on no clock.</summary>
internal static class RandomCommand
{
    private static readonly string[] _keys = ["a", "b", "c"];
    private static readonly string[] _values = ["v", "w", "", "10"];

    // Ends that have come, and what is refused.
    private static readonly string[] _times = ["0", "-1", "x", "9223372036854775807", "-9223372036854775808"];
    private static readonly string[] _setOptions = ["NX", "xx", "GET", "KEEPTTL", "EX", "PX", "EXAT", "PXAT", "FOO"];
    private static readonly string[] _expireOptions = ["NX", "XX", "gt", "LT", "FOO"];
    private static readonly string[] _expiries = ["EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT"];
    private static readonly string[] _readers = ["GET", "EXISTS", "PERSIST", "DEL", "UNLINK", "WATCH"];
    private static readonly string[] _bare = ["MULTI", "EXEC", "DISCARD", "UNWATCH", "PING", "NOSUCH", "CLIENT", "SCRIPT"];

    public static string[] Next(Random random)
    {
        string One(string[] of) => of[random.Next(of.Length)];
        List<string> words = random.Next(8) switch
        {
            0 or 1 => ["SET", One(_keys), One(_values)],
            2 => [One(_expiries), One(_keys), Time(random)],
            3 or 4 => [One(_readers), One(_keys)],
            5 => [random.Next(2) == 0 ? "SETEX" : "PSETEX", One(_keys), Time(random), One(_values)],
            6 => ["SELECT", One(["0", "1", "x", "16"])],
            _ => [One(_bare)],
        };
        string[] options = words[0] == "SET" ? _setOptions : _expiries.Contains(words[0]) ? _expireOptions : [];
        while (options.Length > 0 && random.Next(2) == 0)
        {
            words.Add(One(options));
            if (words[^1] is "EX" or "PX" or "EXAT" or "PXAT" && random.Next(8) != 0)
            {
                words.Add(Time(random));
            }
        }

        return [.. words];
    }

    // Lives of days, no two so near that it matters which server is asked first.
    private static string Time(Random random) => random.Next(3) == 0
        ? _times[random.Next(_times.Length)]
        : random.NextInt64(300_000_000, 9_000_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
