using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Redlock.Fast.Tests;

/// <summary>The public surface of an assembly as text: one line a type or member, sorted, close to C#.</summary>
internal static class SurfaceText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(TypeName, StringComparer.Ordinal))
        {
            text.Append(Header(type)).Append('\n');
            foreach (string line in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Header(Type type)
    {
        if (type.IsEnum)
        {
            return $"enum {TypeName(type)} : {SurfaceTypeName.Of(Enum.GetUnderlyingType(type))}";
        }

        bool isRecord = type.GetMethod("PrintMembers", Declared) is not null && type.GetMethod("Equals", Declared, [type]) is { } equals
            && equals.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
        string kind = (type.IsAbstract && type.IsSealed ? "static " : type is { IsAbstract: true, IsInterface: false } ? "abstract "
            : type is { IsSealed: true, IsValueType: false } ? "sealed " : string.Empty)
            + (type.IsDefined(typeof(IsReadOnlyAttribute), inherit: false) ? "readonly " : string.Empty)
            + (type.IsByRefLike ? "ref " : string.Empty)
            + (isRecord ? "record " : string.Empty)
            + (type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class");
        List<string> bases = [];
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            bases.Add(SurfaceTypeName.Of(parent));
        }

        bases.AddRange(type.GetInterfaces().Where(one => one.IsPublic).Select(SurfaceTypeName.Of).Order(StringComparer.Ordinal));
        return $"{kind} {TypeName(type)}{(bases.Count == 0 ? string.Empty : " : " + string.Join(", ", bases))}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => string.Create(
                CultureInfo.InvariantCulture, $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}"));
        }

        return type.GetMembers(Declared).Select(Line).OfType<string>();
    }

    private static string? Line(MemberInfo member) => member switch
    {
        FieldInfo field when IsVisible(field.Attributes) => Field(field),
        PropertyInfo property when Accessors(property) is { Length: > 0 } accessors => Property(property, accessors),
        EventInfo { AddMethod: { } add } happening when IsVisible(add) =>
            $"{Modifiers(add)}event {SurfaceTypeName.Of(new NullabilityInfoContext().Create(happening))} {happening.Name}",
        ConstructorInfo constructor when IsVisible(
            constructor) => $"{Modifiers(constructor)}{Bare(constructor.DeclaringType!)}({Parameters(constructor)})",
        MethodInfo method when IsVisible(method) && IsWritten(method) => Method(method),
        _ => null,
    };

    private static string Field(FieldInfo field)
    {
        string kind = field.IsLiteral ? "const " : (field.IsStatic ? "static " : string.Empty)
            + (field.IsInitOnly ? "readonly " : string.Empty);
        string value = field.IsLiteral ? string.Create(CultureInfo.InvariantCulture, $" = {field.GetRawConstantValue()}") : string.Empty;
        return $"{kind}{SurfaceTypeName.Of(new NullabilityInfoContext().Create(field))} {field.Name}{value}";
    }

    private static string Property(PropertyInfo property, MethodInfo[] accessors)
    {
        string ends = string.Join(
            ' ', accessors.Select(accessor => accessor == property.GetMethod ? "get;" : IsInit(accessor) ? "init;" : "set;"));
        string required = property.IsDefined(typeof(RequiredMemberAttribute), inherit: false) ? "required " : string.Empty;
        ParameterInfo[] index = property.GetIndexParameters();
        string name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Parameter))}]";
        return $"{Modifiers(accessors[0])}{required}{SurfaceTypeName.Of(new NullabilityInfoContext().Create(property))} "
            + $"{name} {{ {ends} }}";
    }

    private static string Method(MethodInfo method)
    {
        string generic = method.IsGenericMethod
            ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : string.Empty;
        return $"{Modifiers(method)}{SurfaceTypeName.Of(new NullabilityInfoContext().Create(method.ReturnParameter))} "
            + $"{method.Name}{generic}({Parameters(method)})";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        string way = parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : string.Empty;
        bool isMany = parameter.IsDefined(typeof(ParamArrayAttribute), false)
            || parameter.IsDefined(typeof(ParamCollectionAttribute), false);
        string many = isMany ? "params " : string.Empty;
        string value = !parameter.HasDefaultValue ? string.Empty
            : string.Create(
                CultureInfo.InvariantCulture,
                $" = {parameter.RawDefaultValue ?? (parameter.ParameterType.IsValueType ? "default" : "null")}");
        return $"{many}{way}{SurfaceTypeName.Of(new NullabilityInfoContext().Create(parameter))} {parameter.Name}{value}";
    }

    private static string Modifiers(MethodBase method)
    {
        bool inInterface = method.DeclaringType!.IsInterface;
        return (method.IsFamily || method.IsFamilyOrAssembly ? "protected " : string.Empty)
            + (method.IsStatic ? "static " : string.Empty)
            + (inInterface || method.IsStatic ? string.Empty
                : method.IsAbstract ? "abstract "
                : method is MethodInfo info && info.GetBaseDefinition() != info ? "override "
                : method is { IsVirtual: true, IsFinal: false } ? "virtual "
                : string.Empty);
    }

    private static MethodInfo[] Accessors(PropertyInfo property) => [.. property.GetAccessors(nonPublic: true).Where(IsVisible)];

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static bool IsWritten(MethodInfo method) =>
        !method.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
            && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal));

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsVisible(FieldAttributes attributes) =>
        (attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;

    private static string TypeName(Type type) => $"{type.Namespace}.{SurfaceTypeName.Of(type)}";

    private static string Bare(Type type) => type.Name.Split('`')[0];
}
