namespace Redlock.Fast.Testing;

/// <summary>
/// Understands the part of Lua that scripts of locks are written in: local variables, if, numeric for, return, and calls.
/// </summary>
/// <remarks>What is not understood is refused as a whole, before any of it runs.</remarks>
internal sealed partial class LuaParser
{
    private static readonly HashSet<string> _keywords = new(StringComparer.Ordinal)
    {
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in",
        "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
    };

    private readonly List<LuaToken> _tokens;
    private readonly List<string> _variables = [];
    private readonly List<int> _scope = [];
    private int _position;

    private LuaParser(List<LuaToken> tokens) => _tokens = tokens;

    private LuaToken Current => _tokens[_position];

    /// <param name="script">The script, one character a byte.</param>
    /// <param name="variables">How many variables a run of it needs.</param>
    /// <exception cref="LuaRefusedException">It has something that is not understood.</exception>
    public static LuaStatement Parse(string script, out int variables)
    {
        LuaParser parser = new LuaParser(LuaLexer.Read(script));
        LuaStatement body = parser.ReadBlock();
        if (parser.Current.Kind != LuaTokenKind.End)
        {
            throw parser.Refusal();
        }

        variables = parser._variables.Count;
        return body;
    }

    private LuaStatement ReadBlock()
    {
        int outer = _scope.Count;
        List<LuaStatement> steps = new List<LuaStatement>();
        while (Current.Kind != LuaTokenKind.End && !Current.Is("end") && !Current.Is("else") && !Current.Is("elseif"))
        {
            bool isLast = Current.Is("return");
            steps.Add(ReadStatement());
            while (TryTake(";"))
            {
            }

            if (isLast)
            {
                break;
            }
        }

        _scope.RemoveRange(outer, _scope.Count - outer);
        LuaStatement[] block = steps.ToArray();
        return frame =>
        {
            foreach (LuaStatement step in block)
            {
                if (step(frame) == LuaFlow.Return)
                {
                    return LuaFlow.Return;
                }
            }

            return LuaFlow.Next;
        };
    }

    private LuaStatement ReadStatement()
    {
        if (TryTake("local"))
        {
            return ReadLocal();
        }

        if (TryTake("if"))
        {
            return ReadIf();
        }

        if (TryTake("for"))
        {
            return ReadFor();
        }

        if (TryTake("return"))
        {
            return ReadReturn();
        }

        if (TryTake("do"))
        {
            LuaStatement body = ReadBlock();
            Take("end");
            return body;
        }

        return ReadAssignmentOrCall();
    }

    // local name = value
    private LuaStatement ReadLocal()
    {
        string name = TakeIdentifier();
        if (Current.Is(","))
        {
            throw new LuaRefusedException(Current.Line, "several variables in one 'local'");
        }

        // The value is outside of the variable's scope.
        LuaExpression value = TryTake("=") ? ReadExpression() : static _ => null;
        return Assign(Declare(name), value);
    }

    private LuaStatement ReadIf()
    {
        LuaExpression condition = ReadExpression();
        Take("then");
        LuaStatement then = ReadBlock();
        LuaStatement otherwise = static _ => LuaFlow.Next;
        if (TryTake("elseif"))
        {
            otherwise = ReadIf();
        }
        else
        {
            if (TryTake("else"))
            {
                otherwise = ReadBlock();
            }

            Take("end");
        }

        return frame => LuaValues.IsTrue(condition(frame)) ? then(frame) : otherwise(frame);
    }

    // for name = first, last do ... end
    private LuaStatement ReadFor()
    {
        int line = Current.Line;
        string name = TakeIdentifier();
        if (!TryTake("="))
        {
            throw new LuaRefusedException(line, "a 'for' over anything but numbers");
        }

        LuaExpression first = ReadExpression();
        Take(",");
        LuaExpression last = ReadExpression();
        if (Current.Is(","))
        {
            throw new LuaRefusedException(line, "a 'for' with a step");
        }

        Take("do");
        int outer = _scope.Count;
        int variable = Declare(name);
        LuaStatement body = ReadBlock();
        _scope.RemoveRange(outer, _scope.Count - outer);
        Take("end");
        return frame =>
        {
            double end = LuaValues.Operand(last(frame), line);
            for (double i = LuaValues.Operand(first(frame), line); i <= end; i++)
            {
                frame.Variables[variable] = i;
                if (body(frame) == LuaFlow.Return)
                {
                    return LuaFlow.Return;
                }
            }

            return LuaFlow.Next;
        };
    }

    // A client is shown the first value of several.
    private LuaStatement ReadReturn()
    {
        bool isEmpty = Current.Kind == LuaTokenKind.End || Current.Is("end") || Current.Is("else") || Current.Is("elseif")
            || Current.Is(";");
        LuaExpression[] values = isEmpty ? [] : ReadExpressions();
        return frame =>
        {
            for (int i = 0; i < values.Length; i++)
            {
                object? value = values[i](frame);
                frame.Result = i == 0 ? value : frame.Result;
            }

            return LuaFlow.Return;
        };
    }

    private LuaStatement ReadAssignmentOrCall()
    {
        LuaToken start = Current;
        if (start.Kind == LuaTokenKind.Name && FindVariable(start.Text) is { } variable && _tokens[_position + 1].Is("="))
        {
            _position += 2;
            return Assign(variable, ReadExpression());
        }

        if (start.Kind != LuaTokenKind.Name || _keywords.Contains(start.Text))
        {
            throw Refusal();
        }

        LuaExpression call = ReadExpression();
        if (!_tokens[_position - 1].Is(")") && _tokens[_position - 1].Kind != LuaTokenKind.Quoted)
        {
            throw new LuaRefusedException(start.Line, $"'{start.Text}' where a statement is due");
        }

        return frame =>
        {
            call(frame);
            return LuaFlow.Next;
        };
    }

    private static LuaStatement Assign(int variable, LuaExpression value) => frame =>
    {
        frame.Variables[variable] = value(frame);
        return LuaFlow.Next;
    };

    private int Declare(string name)
    {
        _variables.Add(name);
        _scope.Add(_variables.Count - 1);
        return _variables.Count - 1;
    }

    private int? FindVariable(string name)
    {
        for (int i = _scope.Count - 1; i >= 0; i--)
        {
            if (_variables[_scope[i]] == name)
            {
                return _scope[i];
            }
        }

        return null;
    }

    private string TakeIdentifier()
    {
        if (Current.Kind != LuaTokenKind.Name || _keywords.Contains(Current.Text))
        {
            throw Refusal();
        }

        return _tokens[_position++].Text;
    }

    private bool TryTake(string word)
    {
        if (!Current.Is(word))
        {
            return false;
        }

        _position++;
        return true;
    }

    private void Take(string word)
    {
        if (!TryTake(word))
        {
            throw Refusal();
        }
    }

    private LuaRefusedException Refusal() => new(Current.Line, $"'{Current.Text}'");
}
