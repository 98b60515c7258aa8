using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Posthouse.Tests.House;

/// <summary>One use of a member: by which outermost type, and of what.</summary>
/// <param name="User">Full name of the outermost type whose code it is; state machines and lambdas count for their owner.</param>
/// <param name="Type">Full name of the member's type without type arguments.</param>
/// <param name="Member">The member's name; accessors as <c>get_Name</c>.</param>
/// <param name="Parameters">Full names of the parameter types.</param>
internal sealed record MethodReference(string User, string Type, string Member, IReadOnlyList<string> Parameters);

/// <summary>
/// Reads a built assembly and lists every method that its code calls, constructs or takes the address of. It reads the
/// instructions themselves, since the tables alone do not say who uses a member.
/// </summary>
internal static class MethodReferences
{
    private static readonly Dictionary<int, OperandType> Operands = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value & 0xFFFF, code => code.OperandType);

    public static IReadOnlyList<MethodReference> Of(string assemblyPath)
    {
        using var image = new PEReader(File.OpenRead(assemblyPath));
        var metadata = image.GetMetadataReader();
        var found = new HashSet<MethodReference>();
        foreach (var handle in metadata.MethodDefinitions)
        {
            var method = metadata.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress == 0)
                continue;
            var user = SignatureNames.Outermost(metadata, method.GetDeclaringType());
            foreach (var token in Tokens(image.GetMethodBody(method.RelativeVirtualAddress).GetILReader()))
            {
                if (Resolve(metadata, token) is var (type, member, parameters))
                    found.Add(new MethodReference(user, type, member, parameters));
            }
        }

        return [.. found.DistinctBy(r => (r.User, r.Type, r.Member, string.Join(',', r.Parameters)))];
    }

    private static List<EntityHandle> Tokens(BlobReader code)
    {
        var tokens = new List<EntityHandle>();
        while (code.RemainingBytes > 0)
        {
            int value = code.ReadByte();
            if (value == 0xFE)
                value = 0xFE00 | code.ReadByte();
            switch (Operands[value])
            {
                case OperandType.InlineMethod or OperandType.InlineTok:
                    tokens.Add((EntityHandle)System.Reflection.Metadata.Ecma335.MetadataTokens.Handle(code.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    // Read first: the sum would take the offset from before the count.
                    var targets = code.ReadInt32();
                    code.Offset += 4 * targets;
                    break;
                case var operand:
                    code.Offset += Length(operand);
                    break;
            }
        }

        return tokens;
    }

    private static int Length(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private static (string Type, string Member, IReadOnlyList<string> Parameters)? Resolve(MetadataReader metadata, EntityHandle handle)
    {
        if (handle.Kind == HandleKind.MethodSpecification)
            handle = metadata.GetMethodSpecification((MethodSpecificationHandle)handle).Method;
        if (handle.Kind != HandleKind.MemberReference)
            return null;
        var member = metadata.GetMemberReference((MemberReferenceHandle)handle);
        if (member.GetKind() != MemberReferenceKind.Method)
            return null;
        var names = SignatureNames.Instance;
        var parent = member.Parent.Kind switch
        {
            HandleKind.TypeReference => names.GetTypeFromReference(metadata, (TypeReferenceHandle)member.Parent, 0),
            HandleKind.TypeSpecification => metadata.GetTypeSpecification((TypeSpecificationHandle)member.Parent).DecodeSignature(names, null),
            _ => null,
        };
        return parent is null
            ? null
            : (parent, metadata.GetString(member.Name), member.DecodeMethodSignature(names, null).ParameterTypes);
    }
}
