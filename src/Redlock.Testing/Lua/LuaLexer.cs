using System.Text;

namespace Redlock.Fast.Testing;

/// <summary>Cuts a script into words.</summary>
internal sealed class LuaLexer
{
    private static readonly string[] _longSymbols = ["...", "..", "==", "~=", "<=", ">="];

    private readonly string _text;
    private readonly List<LuaToken> _tokens = [];
    private int _position;
    private int _line = 1;

    private LuaLexer(string text) => _text = text;

    /// <param name="script">The script, one character a byte.</param>
    /// <exception cref="LuaRefusedException">A character, or a form of string, is not understood.</exception>
    public static List<LuaToken> Read(string script)
    {
        LuaLexer lexer = new LuaLexer(script);
        while (lexer.SkipBlanks())
        {
            lexer.ReadToken();
        }

        lexer._tokens.Add(new LuaToken(LuaTokenKind.End, "<eof>", lexer._line));
        return lexer._tokens;
    }

    private bool SkipBlanks()
    {
        while (_position < _text.Length)
        {
            if (_text.AsSpan(_position).StartsWith("--", StringComparison.Ordinal))
            {
                SkipComment();
            }
            else if (!char.IsAsciiLetterOrDigit(_text[_position]) && _text[_position] <= ' ')
            {
                _line += _text[_position++] == '\n' ? 1 : 0;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private void SkipComment()
    {
        if (_text.AsSpan(_position).StartsWith("--[", StringComparison.Ordinal))
        {
            throw new LuaRefusedException(_line, "a comment in brackets");
        }

        int end = _text.IndexOf('\n', _position);
        _position = end < 0 ? _text.Length : end;
    }

    private void ReadToken()
    {
        char first = _text[_position];
        if (char.IsAsciiLetter(first) || first == '_')
        {
            Take(LuaTokenKind.Name, LengthWhile(static c => char.IsAsciiLetterOrDigit(c) || c == '_'));
        }
        else if (char.IsAsciiDigit(first))
        {
            Take(LuaTokenKind.Number, LengthWhile(static c => char.IsAsciiLetterOrDigit(c) || c == '.'));
        }
        else if (first is '\'' or '"')
        {
            ReadQuoted(first);
        }
        else
        {
            Take(LuaTokenKind.Symbol, SymbolLength());
        }
    }

    private int SymbolLength()
    {
        foreach (string symbol in _longSymbols)
        {
            if (_text.AsSpan(_position).StartsWith(symbol, StringComparison.Ordinal))
            {
                return symbol.Length;
            }
        }

        return 1;
    }

    private int LengthWhile(Func<char, bool> condition)
    {
        int end = _position;
        while (end < _text.Length && condition(_text[end]))
        {
            end++;
        }

        return end - _position;
    }

    private void Take(LuaTokenKind kind, int length)
    {
        _tokens.Add(new LuaToken(kind, _text.Substring(_position, length), _line));
        _position += length;
    }

    private void ReadQuoted(char quote)
    {
        StringBuilder value = new StringBuilder();
        for (_position++; _position < _text.Length && _text[_position] != '\n'; _position++)
        {
            char character = _text[_position];
            if (character == quote)
            {
                _position++;
                _tokens.Add(new LuaToken(LuaTokenKind.Quoted, value.ToString(), _line));
                return;
            }

            value.Append(character == '\\' ? ReadEscape() : character);
        }

        throw new LuaRefusedException(_line, "a string without an end");
    }

    private char ReadEscape()
    {
        char escaped = ++_position < _text.Length ? _text[_position] : ' ';
        return escaped switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\\' or '"' or '\'' => escaped,
            _ => throw new LuaRefusedException(_line, "an escape in a string other than \\n, \\r, \\t, a backslash or a quote"),
        };
    }
}
