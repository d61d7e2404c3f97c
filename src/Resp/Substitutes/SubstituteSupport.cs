namespace Redlock.Fast.Resp;

/// <summary>Learns, on a connection whose server runs no scripts, whether it has the commands that can stand in for them.</summary>
/// <remarks>
/// They are told apart by the text of the error. A refusal because of the key means that the command is there: an access list's patterns
/// permit the keys that are locked, and need not permit this one. Nothing is changed: no value begins as the one that is asked for.
/// </remarks>
internal sealed class SubstituteSupport(ServerText serverText)
{
    private const string Key = "redlock.fast:which-commands-are-there";
    private const string Value = "none";

    private string? _delIfEqRefusal;
    private string? _delExRefusal;
    private string? _setRefusal;
    private int _answered;

    /// <summary>What to ask, in this order.</summary>
    public static string[][] Questions { get; } =
    [
        ["DELIFEQ", Key, Value],
        ["DELEX", Key, "IFEQ", Value],
        ["SET", Key, Value, "IFEQ", Value, "PX", "1"],
    ];

    public ScriptRoute Route =>
        _setRefusal is not null || _answered < Questions.Length ? ScriptRoute.None
        : _delIfEqRefusal is null ? ScriptRoute.DelIfEq
        : _delExRefusal is null ? ScriptRoute.DelEx
        : ScriptRoute.None;

    /// <summary>Why there is none, in the server's words.</summary>
    public string Problem => _answered < Questions.Length
        ? "it closed the connection when it was asked for DELIFEQ, DELEX and SET IFEQ, which could stand in for them"
        : _setRefusal is null
            ? $"{_delIfEqRefusal}, and {_delExRefusal}"
            : $"{_setRefusal}, which with DELIFEQ or DELEX could stand in for them";

    /// <summary>Takes note of the next answer.</summary>
    public void Note(in RespReply reply)
    {
        // A server that acts although nothing is equal does not know the condition.
        bool hasDoneNothing = reply.IsNull || (reply.Type == RespType.Integer && reply.Integer == 0);
        bool isThere = reply.Type == RespType.Error ? !IsRefusal(reply) : hasDoneNothing;
        string said = isThere ? string.Empty : serverText.Excerpt(reply.Bytes);
        switch (_answered++)
        {
            case 0:
                _delIfEqRefusal = isThere ? null : $"DELIFEQ was refused with \"{said}\"";
                break;
            case 1:
                _delExRefusal = isThere ? null : $"DELEX was refused with \"{said}\"";
                break;
            case 2:
                _setRefusal = isThere ? null : $"SET with IFEQ was answered with \"{said}\"";
                break;
        }
    }

    // With any other code it says something in a bad moment.
    private static bool IsRefusal(in RespReply error) => ErrorCode.Of(error) switch
    {
        null or "ERR" => true,
        "NOPERM" => error.Bytes.IndexOf(" permissions to access "u8) < 0,
        _ => false,
    };
}
