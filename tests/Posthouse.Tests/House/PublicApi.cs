using System.Reflection;
using System.Text;

namespace Posthouse.Tests.House;

/// <summary>
/// Prints what an assembly promises to others: its public types and their public and protected members, sorted, one a
/// line, in words close to C#. A reviewer sees a change of the promise as a diff of this text.
/// </summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext _nullability = new();

    public static string Print(Assembly assembly) => Print(assembly.GetExportedTypes());

    public static string Print(IEnumerable<Type> types)
    {
        var text = new StringBuilder();
        foreach (var type in types.Where(type => !IsGenerated(type) && !IsPage(type)).OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Head(type)).Append('\n');
            var members = typeof(Delegate).IsAssignableFrom(type) ? [type.GetMethod("Invoke")!] : type.GetMembers(Declared);
            foreach (var member in members.Select(Line).OfType<string>().Distinct().Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Head(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var parents = type.GetInterfaces().Where(parent => parent.IsPublic || parent.IsNestedPublic).Select(Name).Order(StringComparer.Ordinal).ToList();
        if (type.BaseType is { } ancestor && ancestor != typeof(object) && ancestor != typeof(ValueType) && ancestor != typeof(Enum)) { parents.Insert(0, Name(ancestor)); }
        return $"{kind} {type.Namespace}.{Name(type)}{(parents.Count == 0 || type.IsEnum ? "" : " : " + string.Join(", ", parents))}";
    }

    private static string? Line(MemberInfo member) => member switch
    {
        _ when IsGenerated(member) => null,
        FieldInfo field when IsSeen(field) => field.DeclaringType!.IsEnum
            ? field.IsLiteral ? $"{field.Name} = {field.GetRawConstantValue()}" : null
            : $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{Named(field.FieldType, _nullability.Create(field))} {field.Name}{(field.IsLiteral ? $" = {Value(field.GetRawConstantValue())}" : "")}",
        PropertyInfo property => Property(property),
        EventInfo happening when IsSeen(happening.AddMethod) => $"event {Name(happening.EventHandlerType!)} {happening.Name}",
        ConstructorInfo constructor when IsSeen(constructor) && !constructor.IsStatic => $"new({Parameters(constructor)})",
        MethodInfo method when IsSeen(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) => Method(method),
        _ => null,
    };

    private static string? Property(PropertyInfo property)
    {
        var read = IsSeen(property.GetMethod) ? "get; " : "";
        var isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit") == true;
        var write = IsSeen(property.SetMethod) ? isInit ? "init; " : "set; " : "";
        if (read.Length + write.Length == 0) { return null; }

        var required = property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute)) ? "required " : "";
        var where = property.GetAccessors(true)[0].IsStatic ? "static " : "";
        var index = property.GetIndexParameters() is { Length: > 0 } keys ? $"[{string.Join(", ", keys.Select(Parameter))}]" : "";
        return $"{where}{required}{Named(property.PropertyType, _nullability.Create(property))} {property.Name}{index} {{ {read}{write}}}";
    }

    private static string Method(MethodInfo method)
    {
        var generic = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
        var kind = method.IsStatic ? "static " : method.IsAbstract && !method.DeclaringType!.IsInterface ? "abstract " : method.IsFamily ? "protected " : "";
        return $"{kind}{Named(method.ReturnType, _nullability.Create(method.ReturnParameter))} {method.Name}{generic}({Parameters(method)})";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter) =>
        $"{(parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")}{(parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : "")}{Named(parameter.ParameterType, _nullability.Create(parameter))} {parameter.Name}{(parameter.HasDefaultValue ? " = " + Value(parameter.DefaultValue) : "")}";

    private static string Named(Type type, NullabilityInfo nullability) =>
        Name(type) + (!type.IsValueType && nullability.ReadState == NullabilityState.Nullable ? "?" : "");

    private static string Name(Type type)
    {
        if (type.IsByRef) { return Name(type.GetElementType()!); }
        if (type.IsArray) { return Name(type.GetElementType()!) + "[]"; }
        if (type.IsPointer) { return Name(type.GetElementType()!) + "*"; }
        if (Nullable.GetUnderlyingType(type) is { } value) { return Name(value) + "?"; }

        var outer = type is { IsNested: true, IsGenericParameter: false } ? Name(type.DeclaringType!) + "." : "";
        var bare = type.Name.Split('`')[0];
        return outer + bare + (type.IsGenericType && type.Name.Contains('`', StringComparison.Ordinal) ? $"<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : "");
    }

    private static string Value(object? value) => value switch { null => "default", string text => $"\"{text}\"", bool flag => flag ? "true" : "false", _ => FormattableString.Invariant($"{value}") };

    /// <summary>Razor's compiler makes every component public, and knows no other way; none is promised to anybody.</summary>
    private static bool IsPage(Type type) => type.BaseType?.FullName == "Microsoft.AspNetCore.Components.ComponentBase";

    private static bool IsSeen(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static bool IsSeen(FieldInfo field) => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly;

    private static bool IsGenerated(MemberInfo member) =>
        member.Name.Contains('<', StringComparison.Ordinal) || member.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute), false);
}
