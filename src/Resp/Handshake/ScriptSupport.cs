namespace Redlock.Fast.Resp;

/// <summary>
/// Learns by which commands a server runs scripts, before anything relies on it: what a script is to undo must not be done where none runs.
/// </summary>
/// <remarks>
/// Runs a script that does nothing by its text, which loads it, and then by its digest: neither needs a key, so an access list's patterns
/// for keys do not matter, and a server that is as it should be counts no error.
/// </remarks>
internal sealed class ScriptSupport(ServerText serverText)
{
    private static readonly RespScript _nothing = new("return 1", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");

    private string? _loadRefusal;
    private string? _digestRefusal;
    private string? _textRefusal;

    /// <summary>Answered with 1 where EVAL is there.</summary>
    public static string[] AskForTexts { get; } = ["EVAL", _nothing.Text, "0"];

    /// <summary>
    /// Comes behind <see cref="AskForTexts"/>; answered with 1 where EVALSHA is there, and with NOSCRIPT where EVAL is not.
    /// </summary>
    public static string[] AskForDigests { get; } = ["EVALSHA", _nothing.Sha1, "0"];

    /// <summary>What is not asked, because the node closed an earlier connection there.</summary>
    public HandshakeStep LeftOut { get; set; }

    public ScriptRoute Route =>
        _textRefusal is null && !AreTextsDoubtful ? (_digestRefusal is null ? ScriptRoute.DigestElseText : ScriptRoute.Text)
        : _digestRefusal is null && _loadRefusal is null ? ScriptRoute.DigestElseLoad
        : ScriptRoute.None;

    /// <summary>Whether no command has shown that it runs scripts, and those that may were not asked.</summary>
    public bool IsGuess =>
        (_textRefusal is not null || LeftOut.HasFlag(HandshakeStep.AskForTexts))
        && (_digestRefusal is not null || LeftOut.HasFlag(HandshakeStep.AskForDigests));

    /// <summary>Why there is no route, in the server's words, and what to do.</summary>
    /// <param name="substitutes">Why there is nothing in their place, if that was asked.</param>
    public string Problem(string? substitutes = null) =>
        $"the node runs no scripts for this client: {_digestRefusal ?? _loadRefusal}; {_textRefusal}"
        + (substitutes is null ? ". " : $"; {substitutes}. ")
        + "What is locked here could not be released. Allow EVALSHA or EVAL on the server (access list, rename-command, scripting module)"
        + (substitutes is null ? "." : ", or use one that has DELIFEQ (Valkey 9.0) or DELEX (Redis 8.4).");

    // Whoever did not answer EVAL may not know it: a script that is forgotten is loaded again, unless that was not answered either.
    private bool AreTextsDoubtful =>
        (LeftOut & (HandshakeStep.AskForTexts | HandshakeStep.LoadScript)) == HandshakeStep.AskForTexts
        && _digestRefusal is null
        && _loadRefusal is null;

    /// <summary>Takes note of an error reply to one of the commands.</summary>
    public void Note(HandshakeStep step, in RespReply error)
    {
        // Whatever else it says, it says in a bad moment, or of this one script.
        if (ErrorCode.Of(error) is not (null or "ERR" or "NOPERM"))
        {
            return;
        }

        string said = serverText.Excerpt(error.Bytes);
        switch (step)
        {
            case HandshakeStep.LoadScript:
                _loadRefusal = $"SCRIPT LOAD was refused with \"{said}\"";
                break;
            case HandshakeStep.AskForDigests:
                _digestRefusal = $"EVALSHA was refused with \"{said}\"";
                break;
            case HandshakeStep.AskForTexts:
                _textRefusal = $"EVAL was refused with \"{said}\"";
                break;
        }
    }
}
