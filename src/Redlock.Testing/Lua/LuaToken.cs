namespace Redlock.Fast.Testing;

/// <summary>What a <see cref="LuaToken"/> is.</summary>
internal enum LuaTokenKind
{
    /// <summary>Behind the last one.</summary>
    End = 0,

    /// <summary>A keyword or an identifier.</summary>
    Name,

    /// <summary>A number; the text is its digits.</summary>
    Number,

    /// <summary>A quoted string; the text has its bytes, a character a byte, without quotes and escapes.</summary>
    Quoted,

    /// <summary>An operator or a bracket.</summary>
    Symbol,
}

/// <summary>One word of a script.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text.</param>
/// <param name="Line">The line it stands in, from 1.</param>
internal readonly record struct LuaToken(LuaTokenKind Kind, string Text, int Line)
{
    public bool Is(string word) => Kind is LuaTokenKind.Name or LuaTokenKind.Symbol && Text == word;
}
