using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// By what a server says it is known which commands it has. The texts are those of Redis 6, 7 and 8, Valkey 9 and Garnet 2.
public sealed class SubstituteSupportTests
{
    private const string Unknown = "-ERR unknown command 'X', with args beginning with: ";
    private const string OfGarnet = "-ERR unknown command";
    private const string Syntax = "-ERR syntax error";
    private const string Forbidden = "-NOPERM User w has no permissions to run the 'x' command";
    private const string ForbiddenBefore7 = "-NOPERM this user has no permissions to run the 'x' command or its subcommand";
    private const string NoKey = "-NOPERM No permissions to access a key";
    private const string NoKeyBefore7 = "-NOPERM this user has no permissions to access one of the keys used as arguments";

    [Theory]
    [InlineData(":0", Unknown, "$-1", ScriptRoute.DelIfEq)]
    [InlineData(Unknown, ":0", "$-1", ScriptRoute.DelEx)]
    [InlineData(":0", ":0", "$-1", ScriptRoute.DelIfEq)]
    [InlineData(Forbidden, ":0", "$-1", ScriptRoute.DelEx)]
    [InlineData(ForbiddenBefore7, ":0", "$-1", ScriptRoute.DelEx)]
    [InlineData(NoKey, Unknown, NoKey, ScriptRoute.DelIfEq)]
    [InlineData(NoKeyBefore7, Unknown, NoKeyBefore7, ScriptRoute.DelIfEq)]
    [InlineData(Unknown, NoKey, NoKey, ScriptRoute.DelEx)]
    [InlineData("-LOADING soon", Unknown, "-LOADING soon", ScriptRoute.DelIfEq)]
    [InlineData("-MOVED 1 127.0.0.1:1", Unknown, "-MOVED 1 127.0.0.1:1", ScriptRoute.DelIfEq)]
    [InlineData(Unknown, Unknown, Syntax, ScriptRoute.None)]
    [InlineData(Unknown, Unknown, "$-1", ScriptRoute.None)]
    [InlineData(OfGarnet, OfGarnet, OfGarnet, ScriptRoute.None)]
    [InlineData(":0", Unknown, Syntax, ScriptRoute.None)]
    [InlineData(":0", Unknown, Forbidden, ScriptRoute.None)]
    [InlineData(":0", Unknown, "+OK", ScriptRoute.None)]
    [InlineData(":1", Unknown, "$-1", ScriptRoute.None)]
    [InlineData("+OK", "+OK", "+OK", ScriptRoute.None)]
    [InlineData(Forbidden, Forbidden, "$-1", ScriptRoute.None)]
    internal void What_it_has_is_told_by_its_answers(string delIfEq, string delEx, string set, ScriptRoute route)
    {
        SubstituteSupport support = new(ServerText.OfNoSecret);
        foreach (string answer in (string[])[delIfEq, delEx, set])
        {
            Assert.Equal(ScriptRoute.None, support.Route);
            RespElement.Read(Encoding.ASCII.GetBytes(answer + "\r\n"), int.MaxValue, int.MaxValue, out RespReply reply, out _);
            support.Note(reply);
        }

        Assert.Equal(route, support.Route);
    }

    [Fact]
    public void What_it_lacks_is_said_in_its_words()
    {
        Assert.Equal(
            "DELIFEQ was refused with \"ERR unknown command\", and DELEX was refused with \"NOPERM not you\"",
            ProblemOf("ERR unknown command", "NOPERM not you", null));
        Assert.Equal(
            "SET with IFEQ was answered with \"ERR syntax error\", which with DELIFEQ or DELEX could stand in for them",
            ProblemOf("ERR unknown command", null, "ERR syntax error"));
        Assert.StartsWith("it closed the connection ", new SubstituteSupport(ServerText.OfNoSecret).Problem, StringComparison.Ordinal);
    }

    private static string ProblemOf(params string?[] errors)
    {
        SubstituteSupport support = new(ServerText.OfNoSecret);
        foreach (string? error in errors)
        {
            support.Note(error is null
                ? new RespReply(RespType.BulkString, -1, default)
                : new RespReply(RespType.Error, 0, Encoding.ASCII.GetBytes(error)));
        }

        return support.Problem;
    }
}
