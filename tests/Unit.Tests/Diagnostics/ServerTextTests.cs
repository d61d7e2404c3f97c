using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// What a node repeats of its password, in whatever spelling and wherever it is cut, is in no text.
public sealed class ServerTextTests
{
    private const string Password = "p%4:HUNTER2/@é";
    private const int MostBytes = 200;

    private static readonly ServerText Text = new(Password);

    public static TheoryData<string> Spellings { get; } =
    [
        Password,
        "P%4:HUNTER2/@é",
        "p%4:hunter2/@é",
        Uri.EscapeDataString(Password),
        Uri.EscapeDataString(Password).ToLowerInvariant(),
        string.Concat(Encoding.UTF8.GetBytes(Password).Select(value => $"%{value:X2}")),
        "p%254:HUNTER2%2f@%C3%A9",
    ];

    [Theory]
    [MemberData(nameof(Spellings))]
    public void It_is_hidden_wherever_it_stands(string spelling)
    {
        for (int before = 0; before <= MostBytes; before++)
        {
            string padding = new('.', before);
            string shown = Text.Excerpt(Encoding.UTF8.GetBytes($"{padding}{spelling} and more, {spelling}{spelling}"));
            AssertHidden(shown);
            Assert.StartsWith(padding, shown, StringComparison.Ordinal);
            Assert.Equal(before < MostBytes, shown.Contains("***", StringComparison.Ordinal));
        }

        Assert.Equal("before *** between ****** behind é", Text.Line($"before {spelling} between {spelling}{spelling} behind é"));
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public void It_is_hidden_wherever_the_node_cut_it(string spelling)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(spelling);
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            byte[] received = [.. "ERR no such user: "u8, .. bytes.AsSpan(0, cut)];
            string shown = Text.Excerpt(received);
            AssertHidden(shown);
            Assert.StartsWith("ERR no such user: ", shown, StringComparison.Ordinal);
            AssertHidden(Text.Line(Encoding.Latin1.GetString(received)));
        }
    }

    [Fact]
    public void The_beginning_of_a_long_one_is_hidden_in_the_middle_too()
    {
        string password = string.Concat(Enumerable.Range(0, 40).Select(number => $"{number:x4}"));
        ServerText text = new(password);
        for (int cut = 8; cut <= password.Length; cut++)
        {
            Assert.Equal("ERR '***' is unknown", text.Excerpt(Encoding.ASCII.GetBytes($"ERR '{password[..cut]}' is unknown")));
        }
    }

    [Fact]
    public void One_that_begins_within_what_only_looked_like_it_is_hidden()
    {
        ServerText text = new("aaaaaaaaab");
        Assert.Equal("***", text.Excerpt("aaaaaaaaaaaab"u8));
        Assert.Equal("***!", text.Line("aaaaaaaaaaaab!"));
    }

    [Fact]
    public void Of_passwords_that_follow_each_other_the_latest_are_hidden()
    {
        ServerText text = new("of-the-options");
        for (int number = 0; number < 100; number++)
        {
            text.Hide($"{number:00}-rotated");
            text.Hide("in-use-for-long");
        }

        Assert.Equal("*** *** ***", text.Excerpt("in-use-for-long 99-rotated 80-rotated"u8));
        Assert.Equal("*** 10-rotated ***", text.Line("in-use-for-long 10-rotated 99-ROTATED"));
        Assert.Equal("ERR 9", new ServerText(password: null).Excerpt("ERR 9"u8));
    }

    [Fact]
    public void What_is_no_secret_is_shown()
    {
        const string Said = "OOM command not allowed when used memory > 'maxmemory'.";
        foreach (string? password in new[] { null, "", "a", "use", "%", "secret" })
        {
            ServerText text = new(password);
            Assert.Equal(Said, text.Excerpt(Encoding.ASCII.GetBytes(Said)));
            Assert.Equal(Said, text.Line(Said));
        }

        Assert.Equal("", Text.Excerpt([]));
        Assert.Equal("", Text.Line(""));
        Assert.Equal("100% %zz %p %", Text.Excerpt("100% %zz %p %"u8));
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "It began")]
    [InlineData("+AUTH hunter2\n", "A line ends in LF without CR:")]
    [InlineData(":\"hunter2\"\r\n", "A number is malformed:")]
    [InlineData("_hunter2\r\n", "A RESP3 type came, and RESP3 is not spoken here (was HELLO 3 sent on this connection?):")]
    public void Of_what_is_not_Resp_the_flaw_is_told_and_the_bytes_only_where_no_password_was_sent(string payload, string flaw)
    {
        RespReader reader = new();
        reader.TryRead(Reading.Bytes(payload).AsSpan(), out _, out _);
        foreach (string password in new[] { "", "a", "hunter2" })
        {
            string shown = new ServerText(password).Describe(reader.Flaw!);
            Assert.EndsWith($"{flaw} (not shown, as it may repeat the password).", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("\"", shown, StringComparison.Ordinal);
        }

        Assert.Contains($"{flaw} \"{payload[0]}", ServerText.OfNoSecret.Describe(reader.Flaw!), StringComparison.Ordinal);
        Assert.Equal(reader.Fault, ServerText.OfNoSecret.Describe(reader.Flaw!));
    }

    [Fact]
    public void It_is_one_line_and_cut()
    {
        Assert.Equal("a?b??c??", ServerText.OfNoSecret.Excerpt("a\nb\r\nc\xc3\xa9"u8.ToArray().AsSpan()[..8]));
        Assert.Equal(new string('x', MostBytes), ServerText.OfNoSecret.Excerpt(Encoding.ASCII.GetBytes(new string('x', MostBytes))));
        Assert.Equal(
            new string('x', MostBytes) + "...", ServerText.OfNoSecret.Excerpt(Encoding.ASCII.GetBytes(new string('x', MostBytes + 1))));
    }

    // One letter says nothing, two of them do.
    private static void AssertHidden(string shown)
    {
        string rest = shown.Replace("***", "", StringComparison.Ordinal);
        Assert.DoesNotContain("HU", rest, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("p%", rest, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("%70%25", rest, StringComparison.OrdinalIgnoreCase);
    }
}
